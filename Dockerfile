# One image for every command: `docker build -t callpulse .`, then `docker run callpulse worker`.
# With the library that knows mail, Slack and a hundred more: --build-arg EXTRAS=[apprise,dashboards]
ARG PYTHON_IMAGE=python:3.11.15-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ARG EXTRAS="[dashboards]"
WORKDIR /src
COPY pyproject.toml README.md LICENSE constraints.txt ./
COPY callpulse ./callpulse
# What is installed here is all that the image takes along: no pip, no compiler. Bytecode is compiled without times of
# files, which copying may change: a container whose disk is read-only could not write it anew.
RUN python -m pip wheel --quiet --no-cache-dir --disable-pip-version-check --no-deps --wheel-dir /wheels . \
  && python -m venv --without-pip /opt/callpulse \
  && python -m pip --python /opt/callpulse/bin/python install --quiet --no-cache-dir --disable-pip-version-check \
    --no-compile --constraint constraints.txt "$(echo /wheels/callpulse-*.whl)${EXTRAS}" \
  && /opt/callpulse/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/callpulse/lib

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="callpulse" \
  org.opencontainers.image.description="Exact, honest, calm real-time KPIs for contact centres" \
  org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 callpulse \
  && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin callpulse \
  && install -d -o 10001 -g 10001 /var/lib/callpulse \
  && install -d /etc/callpulse
COPY --from=build /opt/callpulse /opt/callpulse
ENV PATH=/opt/callpulse/bin:$PATH \
  PYTHONDONTWRITEBYTECODE=1 \
  CALLPULSE_WORKER_STATE_DIR=/var/lib/callpulse
# A callpulse.toml that is mounted here is read by itself.
WORKDIR /etc/callpulse
# By number: Kubernetes believes no name when it asks that nobody be root.
USER 10001:10001
# Asks /livez of whatever this container runs; what serves none is well while it runs.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
  CMD ["python", "-m", "callpulse.healthy"]
ENTRYPOINT ["callpulse"]
CMD ["--help"]
