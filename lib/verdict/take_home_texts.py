"""The files that are written for the zip: a script, a serving note, a licence note, a packing list.

What comes from somebody's rows (labels inside prompts, file names) is data here too: it stands in
the script as Python literals, in the notes as JSON or on one line of its own.
"""

import json
from collections.abc import Sequence
from importlib.metadata import version
from pprint import pformat

from lib.inference.prompts import Message, build_messages
from lib.task import Task

_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
"""What `--max-lora-rank` takes, by vLLM's documentation (docs.vllm.ai, LoRAConfig, v0.14)."""

_SCRIPT = '''"""Puts one input through the adapter in this folder, with transformers and PEFT alone.

pip install torch transformers peft    (tried with transformers {transformers} and peft {peft})
python run.py {usage} [BASE]

BASE is a folder or hub id of the base model, if it is not to come from the hub by its own name.
"""

import json
import re
import sys
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

FIELDS = {fields}
MESSAGES = {messages}

if not len(FIELDS) < len(sys.argv) <= len(FIELDS) + 2:
    sys.exit("Usage: python run.py {usage} [BASE]")
adapter = Path(__file__).resolve().parent / "adapter"
published = json.loads((adapter / "adapter_config.json").read_text())["base_model_name_or_path"]
base = sys.argv[len(FIELDS) + 1] if len(sys.argv) == len(FIELDS) + 2 else published
given = {{name: text.strip() for name, text in zip(FIELDS, sys.argv[1:])}}
question = MESSAGES[-1]["content"]
MESSAGES[-1]["content"] = re.sub(r"\\{{(\\w+)\\}}", lambda m: given.get(m[1], m[0]), question)

tokenizer = AutoTokenizer.from_pretrained(base)
model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
model = PeftModel.from_pretrained(model, adapter).eval()
prompt = tokenizer.apply_chat_template(
    MESSAGES,
    add_generation_prompt=True,
    return_dict=True,
    return_tensors="pt",
    sanitize_control_tokens=True,  # "<|im_end|>" in a text stays text
)
with torch.inference_mode():
    output = model.generate(**prompt, max_new_tokens={tokens}, do_sample=False)
sys.stdout.reconfigure(encoding="utf-8")
print(tokenizer.decode(output[0, prompt["input_ids"].shape[1] :], skip_special_tokens=True))
'''


def run_script(task: Task) -> str:
    """Return `run.py`: the adapter under its own prompt, with nothing of this project."""
    return _SCRIPT.format(
        usage=" ".join(f"'{field.upper()}'" for field in task.input_fields),
        fields=repr(list(task.input_fields)),
        messages=pformat(_messages(task), width=96, sort_dicts=False),
        tokens=task.max_new_tokens,
        transformers=version("transformers"),
        peft=version("peft"),
    )


def serving_note(task: Task, base: str, name: str, rank: int) -> str:
    """Return `SERVE.md`: the command of vLLM, and a request."""
    fitting = next((one for one in _RANKS if one >= rank), rank)
    request = {
        "model": name,
        "messages": _messages(task),
        "temperature": 0,
        "max_tokens": task.max_new_tokens,
    }
    body = json.dumps(request, ensure_ascii=False)
    return f"""# Serve the adapter with vLLM

Written from vLLM's documentation (https://docs.vllm.ai, "LoRA Adapters") and **not run here**.

```
vllm serve {base} --enable-lora --lora-modules {name}=./adapter --max-lora-rank {fitting}
```

The adapter has rank {rank}. It then answers under the model name `{name}`, and the base model under its
own. Put your text in the place of {_placeholders(task)}:

```
curl http://localhost:8000/v1/chat/completions -H 'Content-Type: application/json' -d @- <<'END'
{body}
END
```
"""


def licence_note(task: Task, base: str) -> str:
    """Return `LICENCE.md`: whose work each part is."""
    return f"""# Licences

- **Base model:** {base} by Hugging Face, Apache License 2.0
  (https://huggingface.co/{base}). It is not in this folder; if you pass it on, its licence comes along.
- **Rows:** {_one_line(task.data.credit)}. Licence: {_one_line(task.data.licence)}.
  If they are your own, so is the decision who may see them: `rows/` holds all of them, `answers.csv` and
  the prompts in `task.yaml` some, and an adapter can give away what it learned from. If they are somebody
  else's, their licence decides.
- **Adapter:** made from the rows on the base model. This project claims nothing in it.
- **run.py and the notes:** Prompt or Tune, Apache License 2.0.

To credit it: "LoRA adapter for {base}, trained with Prompt or Tune".
"""


def packing_list(task: Task, names: Sequence[str]) -> str:
    """Return what is added to the model card: what is in the folder, and how to use it."""
    inputs = " ".join(f"'{field.upper()}'" for field in task.input_fields)
    has_rows = any(name.startswith("rows/") for name in names)
    parts = [
        "the PEFT adapter (`adapter/`), its recipe and the log of its training",
        *(["the measured verdict (`verdict.json`)"] if "verdict.json" in names else []),
        *(["what every way answered (`answers.csv`)"] if "answers.csv" in names else []),
        *(["your rows as they were divided (`rows/`)"] if has_rows else []),
        "the licences (`LICENCE.md`)",
    ]
    again = " ".join(f"--{field} '...'" for field in task.input_fields)
    return f"""
## In this folder, and how to use it

- **What is here:** {", ".join(parts)}.
- **Run it anywhere:** `pip install torch transformers peft`, then `python run.py {inputs}`; see `SERVE.md`.
- **Bring it back:** `python -m lib compare --task DIR {again}`{_evaluate(names)}, inside the project.

It was trained and measured on the base weights whose SHA-256 stands above; if nobody set others, they were
unpacked from a 4-bit file. On the weights as published an answer may differ: measure again before you rely
on a score.
"""


def _evaluate(names: Sequence[str]) -> str:
    if "rows/test.jsonl" not in names:
        return ""
    return " or `python -m lib evaluate --task DIR --data DIR/rows/test.jsonl`"


def _messages(task: Task) -> list[Message]:
    """Return the chat under the adapter's own prompt, the placeholders of the input still in it."""
    return build_messages(
        task.prompts.short, {field: f"{{{field}}}" for field in task.input_fields}
    )


def _placeholders(task: Task) -> str:
    return " and ".join(f"`{{{field}}}`" for field in task.input_fields)


def _one_line(text: str) -> str:
    return " ".join(text.replace("`", "'").split())
