# One box. Build from the repository's root; target `edge` for the field, `demo` with a clip inside.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
RUN python -m venv /opt/dongseon
ENV PATH=/opt/dongseon/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/build.txt requirements/edge.txt requirements/
RUN pip install --require-hashes --only-binary :all: -r requirements/build.txt \
    && pip install --require-hashes --only-binary :all: -r requirements/edge.txt
COPY pyproject.toml README.md LICENSE ./
COPY deploy/__init__.py deploy/cli.py deploy/
COPY shared shared
COPY models models
COPY firmware_configs firmware_configs
COPY edge_agent edge_agent
# Editable: data files (catalogue, profiles) are read where they stand, as in a checkout.
RUN pip install --no-deps --no-build-isolation --editable .

FROM python:3.11-slim-bookworm AS edge
RUN useradd --system --uid 10001 --home-dir /var/lib/dongseon dongseon \
    && install -d -o dongseon -g dongseon /var/lib/dongseon \
        /var/lib/dongseon/edge /var/lib/dongseon/models
COPY --from=build /opt/dongseon /opt/dongseon
COPY --from=build /app /app
ENV PATH=/opt/dongseon/bin:$PATH PYTHONUNBUFFERED=1 \
    DONGSEON_MODEL_DIR=/var/lib/dongseon/models
USER dongseon
WORKDIR /var/lib/dongseon
# The agent rewrites its counters every second.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", \
    "import os, sys, time; sys.exit(time.time() - os.stat('/var/lib/dongseon/edge/status.json').st_mtime > 30)"]
ENTRYPOINT ["dongseon"]
CMD ["edge", "run", "--config", "/etc/dongseon/box.toml"]

FROM debian:bookworm-slim AS clip
WORKDIR /clip
RUN apt-get update && apt-get download opencv-doc \
    && dpkg-deb --fsys-tarfile opencv-doc_*.deb \
        | tar -xO ./usr/share/doc/opencv-doc/examples/data/vtest.avi > vtest.avi \
    && echo "45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf  vtest.avi" \
        | sha256sum --check

FROM edge AS demo
COPY --from=clip /clip/vtest.avi /usr/share/dongseon/vtest.avi
