# Airbyte's Python connector base. A release pins the digest: --build-arg BASE_IMAGE=<name>:<tag>@sha256:<digest>
ARG BASE_IMAGE=docker.io/airbyte/python-connector-base:4.1.1

FROM ${BASE_IMAGE} AS build
USER root
WORKDIR /build
# Dependencies first: they change with the lock file alone. The environment has no pip of its own, and no dependency
# keeps its tests: a fifth of the size.
COPY requirements.lock ./
RUN python -m venv --without-pip /opt/connector \
    && python -m pip --python /opt/connector/bin/python install --quiet --no-cache-dir --require-hashes -r requirements.lock \
    && find /opt/connector/lib -type d -name tests -prune -exec rm -rf {} +
# setuptools comes from the lock file as well, so that building the connector downloads nothing.
COPY pyproject.toml README.md LICENSE ./
COPY source_x_organic ./source_x_organic
RUN python -m pip --python /opt/connector/bin/python install --quiet --no-cache-dir --no-deps --no-build-isolation .

FROM ${BASE_IMAGE}
COPY --from=build /opt/connector /opt/connector
WORKDIR /airbyte/integration_code
USER airbyte
# The connector is the first process, so that the platform's signals reach it and not a shell.
ENV AIRBYTE_ENTRYPOINT="/opt/connector/bin/source-x-organic"
ENTRYPOINT ["/opt/connector/bin/source-x-organic"]
LABEL io.airbyte.name="airbyte/source-x-organic" io.airbyte.version="0.2.0"
