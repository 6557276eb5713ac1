# The phone line as a container: build stage with the locked packages, run stage without build tools, own user.
FROM python:3.12-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/voice-engine
COPY requirements.lock pyproject.toml README.md LICENSE NOTICE ./
RUN /opt/voice-engine/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY voice_engine ./voice_engine
RUN /opt/voice-engine/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim-bookworm
LABEL org.opencontainers.image.title="voice-engine" org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --system --uid 10001 --home-dir /var/lib/voice-engine --create-home voice-engine
COPY --from=build /opt/voice-engine /opt/voice-engine
ENV PATH=/opt/voice-engine/bin:$PATH PYTHONUNBUFFERED=1 VOICE_ENGINE_DATA_DIR=/var/lib/voice-engine/data \
    VOICE_ENGINE_LOG__FORMAT=json
USER voice-engine
WORKDIR /var/lib/voice-engine
VOLUME /var/lib/voice-engine
EXPOSE 8000
# Every start brings the database to this version first; SIGTERM drains, so give it time (docs/OPERATIONS.md).
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=3s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
ENTRYPOINT ["voice-engine"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
