# The centre with its page. Build from the repository's root.
FROM node:22-bookworm-slim AS console
WORKDIR /console
COPY central/console/package.json central/console/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY central/console ./
RUN npm run build

FROM python:3.11-slim-bookworm AS build
WORKDIR /app
RUN python -m venv /opt/dongseon
ENV PATH=/opt/dongseon/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/build.txt requirements/central.txt requirements/
RUN pip install --require-hashes --only-binary :all: -r requirements/build.txt \
    && pip install --require-hashes --only-binary :all: -r requirements/central.txt
COPY pyproject.toml README.md LICENSE ./
COPY deploy/__init__.py deploy/cli.py deploy/
COPY shared shared
COPY models models
COPY central central
# Editable: data files (catalogue, migrations, console) are read where they stand.
RUN pip install --no-deps --no-build-isolation --editable .
COPY --from=console /console/dist central/console/dist

FROM python:3.11-slim-bookworm AS central
RUN useradd --system --uid 10001 --home-dir /var/lib/dongseon dongseon \
    && install -d -o dongseon -g dongseon /var/lib/dongseon \
        /var/lib/dongseon/central /var/lib/dongseon/models
COPY --from=build /opt/dongseon /opt/dongseon
COPY --from=build /app /app
ENV PATH=/opt/dongseon/bin:$PATH PYTHONUNBUFFERED=1
USER dongseon
WORKDIR /var/lib/dongseon
EXPOSE 8480
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", \
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8480/health/ready', timeout=4)"]
ENTRYPOINT ["dongseon"]
CMD ["central", "serve"]
