# Shipmate as a small image: no compiler, no shell needed, not root, and nothing written but the state folder.
#   docker build -t shipmate .
#   docker run -p 8486:8486 -v shipmate:/var/lib/shipmate -v $PWD/workflows:/etc/shipmate/workflows:ro --env-file shipmate.env shipmate
FROM python:3.11-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/shipmate
WORKDIR /src
# What is locked changes less often than the code: this layer is made anew only when it does.
COPY requirements.lock ./
RUN /opt/shipmate/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE manifest.yml ./
COPY bot bot
COPY workflows workflows
RUN /opt/shipmate/bin/pip install --no-deps --no-build-isolation . \
    && /opt/shipmate/bin/pip uninstall --yes pip \
    && /opt/shipmate/bin/python -m compileall -q /opt/shipmate/lib

FROM python:3.11-slim

RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin shipmate \
    && install -d -o shipmate -g shipmate /var/lib/shipmate /etc/shipmate
COPY --from=build /opt/shipmate /opt/shipmate
ENV PATH=/opt/shipmate/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SHIPMATE_HTTP_LISTEN=0.0.0.0:8486 \
    SHIPMATE_LOG_FORMAT=json \
    SHIPMATE_STATE=/var/lib/shipmate \
    SHIPMATE_WORKFLOWS=/etc/shipmate/workflows
USER 10001
VOLUME /var/lib/shipmate
EXPOSE 8486
ENTRYPOINT ["shipmate"]
CMD ["run"]
