# syncd in a container: python:3.13-slim, one virtual environment, an unprivileged user, state in /data.
FROM python:3.13-slim AS build

WORKDIR /build
COPY requirements.txt requirements-build.txt ./
RUN python -m venv /build/tools \
    && /build/tools/bin/pip install --no-cache-dir --require-hashes -r requirements-build.txt \
    && python -m venv /opt/syncd \
    && /opt/syncd/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

COPY pyproject.toml README.md LICENSE ./
COPY migrations ./migrations
COPY syncd ./syncd
RUN /build/tools/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /build/wheel . \
    && /opt/syncd/bin/pip install --no-cache-dir --no-deps --no-index /build/wheel/*.whl


FROM python:3.13-slim

RUN groupadd --gid 10001 syncd \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin syncd \
    && install --directory --owner=10001 --group=10001 --mode=0750 /data /etc/syncd
COPY --from=build /opt/syncd /opt/syncd

ENV PATH=/opt/syncd/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SYNCD_CONFIG=/etc/syncd/syncd.toml

# There is no VOLUME line on purpose: some builders then hide what is mounted on /data, and the state with it.
# sqlite:///syncd.db is /data/syncd.db, because this is where syncd starts.
WORKDIR /data
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["syncd", "health"]
ENTRYPOINT ["syncd"]
CMD ["run"]
