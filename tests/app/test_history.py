"""Back and forward on pages whose widgets write the address, and coming back from another page.

AppTest has no browser: going back is a run with an older address and no widget touched.
Run: python -m pytest tests/app/test_history.py
"""

from collections.abc import Callable, Mapping

from streamlit.testing.v1 import AppTest

from tests.app.reading import words

OpenPage = Callable[..., AppTest]
CALLS = "m_traffic.calls_per_month"


def _go(at: AppTest, address: Mapping[str, str]) -> AppTest:
    for name in list(at.query_params):
        del at.query_params[name]
    at.query_params.update(address)
    return at.run()


def _address(at: AppTest) -> dict[str, str]:
    """Return the address; AppTest gives lists where a browser has single values."""
    found = {name: at.query_params[name] for name in at.query_params}
    return {name: one if isinstance(one, str) else one[0] for name, one in found.items()}


def test_going_back_shows_the_part_that_the_address_names(open_page: OpenPage) -> None:
    at = open_page("estimator")
    first = _address(at)
    at.get_by_key("estimator_part").set_value("memory").run()
    second = _address(at)
    at.get_by_key("estimator_part").set_value("time").run()
    _go(at, second)
    assert at.get_by_key("estimator_part").value == "memory"
    assert _address(at) == second
    _go(at, first)
    assert at.get_by_key("estimator_part").value == "money"


def test_going_back_takes_a_changed_number_back(open_page: OpenPage) -> None:
    at = open_page("estimator", show="memory")
    before = _address(at)
    field = at.text_input(key="g_length")
    shown = field.value
    field.set_value("4096").run()
    after = _address(at)
    assert after["g_length"] == "4096"
    _go(at, before)
    assert at.text_input(key="g_length").value == shown
    _go(at, after)
    assert at.text_input(key="g_length").value == "4096"


def test_what_was_just_typed_beats_an_older_address(open_page: OpenPage) -> None:
    """A quick second change may arrive before the browser has put the first into its address."""
    at = open_page("estimator", show="memory")
    older = _address(at)
    at.text_input(key="g_length").set_value("4096").run()
    at.text_input(key="g_batch").set_value("4")
    _go(at, older)
    assert at.text_input(key="g_length").value == "4096"
    assert at.text_input(key="g_batch").value == "4"


def test_numbers_survive_a_visit_to_another_page(open_page: OpenPage) -> None:
    at = open_page("estimator", show="memory")
    at.text_input(key="g_length").set_value("4096").run()
    left = _address(at)
    for name in list(at.query_params):
        del at.query_params[name]
    at.switch_page("pages/home.py").run()
    at.switch_page("pages/estimator.py").run()
    assert at.get_by_key("estimator_part").value == "memory"
    assert at.text_input(key="g_length").value == "4096"
    assert _address(at) == left


def test_link_from_another_page_beats_what_was_left(open_page: OpenPage) -> None:
    at = open_page("estimator", show="memory", g_length="4096")
    at.switch_page("pages/home.py").run()
    at.query_params.update({"show": "memory", "g_length": "512"})
    at.switch_page("pages/estimator.py").run()
    assert at.text_input(key="g_length").value == "512"


def test_start_of_a_visit_follows_the_address_as_before(open_page: OpenPage) -> None:
    at = open_page("estimator", show="data")
    assert not at.exception
    assert "Your rows" in words(at)


def test_going_back_takes_an_answer_of_the_guide_back(open_page: OpenPage) -> None:
    at = open_page("choose")
    before = _address(at)
    box = at.selectbox(key="choose_volume")
    usual = box.value
    box.set_value("high").run()
    after = _address(at)
    assert after == {"volume": "high"}
    _go(at, before)
    assert at.selectbox(key="choose_volume").value == usual
    _go(at, after)
    assert at.selectbox(key="choose_volume").value == "high"
