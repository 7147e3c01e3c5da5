# The bot in one image: locked packages, the vision models inside, no root, data in a volume.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock

COPY pyproject.toml README.md LICENSE manifest.json ./
COPY bot bot
COPY handlers handlers
COPY providers providers
COPY storage storage
RUN pip install --no-deps --no-build-isolation -e . \
    && workshot setup \
    && useradd --system --no-create-home workshot \
    && install -d -m 0700 -o workshot -g workshot data

USER workshot
# Inside a container "every interface" is the container's own; publish the port where it should be seen.
ENV HOST=0.0.0.0 PORT=8080 DATA_DIR=/app/data
VOLUME /app/data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=4)"]
# SIGTERM ends the bot in order: what it still owes is kept and done at the next start.
CMD ["workshot", "run"]
