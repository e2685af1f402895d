# Baton in a container: its packages are installed in one stage, and what runs has no build tools.
# Everything that it installs comes as wheels for amd64 and arm64 alike, so it builds on both as it stands.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
WORKDIR /src
RUN python -m venv /opt/baton
COPY constraints.txt pyproject.toml README.md LICENSE app.py ./
COPY bot bot
COPY handlers handlers
COPY storage storage
RUN /opt/baton/bin/pip install --no-cache-dir -c constraints.txt '.[postgres,nats,otel]'

FROM python:${PYTHON}-slim
RUN groupadd --system --gid 10001 baton \
    && useradd --system --uid 10001 --gid baton --home-dir /data baton \
    && install -d -o baton -g baton -m 0700 /data
COPY --from=build /opt/baton /opt/baton
ENV PATH=/opt/baton/bin:$PATH HOST=0.0.0.0 PORT=3000 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER baton
# The database where it is SQLite, agreement.toml and .env, as `baton init` writes them.
WORKDIR /data
VOLUME /data
EXPOSE 3000
# Alive, not ready: a restart mends a process that hangs, and neither Slack nor a database that is away.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "-c", "import os; from http.client import HTTPConnection as To; to = To('127.0.0.1', int(os.environ['PORT']), timeout=4); to.request('GET', '/livez'); raise SystemExit(to.getresponse().status != 200)"]
ENTRYPOINT ["baton"]
CMD ["run"]
