# One image for both sides: `serve` is the default command, `train` the other.
# Build:  docker build -t related-posts .
# How to run it read-only and without rights: docs/docker.md
ARG PYTHON_VERSION=3.13

# --- builder: locked dependencies and our wheel in one virtual environment ---
FROM python:${PYTHON_VERSION}-slim AS builder

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore

WORKDIR /build

# The dependencies first: this layer is rebuilt only when the lock changes.
# Wheels only, so that no compiler is needed and none is left behind.
COPY requirements/runtime.txt requirements/build.txt requirements/
RUN python -m venv --without-pip /opt/related-posts \
    && pip --python /opt/related-posts/bin/python install \
        --require-hashes --only-binary :all: -r requirements/runtime.txt \
    && pip install --require-hashes --only-binary :all: -r requirements/build.txt

COPY pyproject.toml README.md LICENSE ./
COPY related_posts related_posts
COPY training training
COPY service service
RUN python -m hatchling build -t wheel -d dist \
    && pip --python /opt/related-posts/bin/python install --no-deps --no-index dist/*.whl

# Libraries carry their own tests; a server does not need them.
RUN find /opt/related-posts/lib -type d -name tests -prune -exec rm -rf {} +

# --- final: the interpreter and that environment ---
FROM python:${PYTHON_VERSION}-slim

LABEL org.opencontainers.image.title="related-posts" \
      org.opencontainers.image.description="Which posts should a reader of this one read next?" \
      org.opencontainers.image.licenses="MIT"

# A number, so that an orchestrator can check that it is not root.
# The data folder belongs to it: a new volume takes over this owner.
RUN mkdir /data && chown 10001:10001 /data

COPY --from=builder /opt/related-posts /opt/related-posts

# Everything that is written goes to /data or /tmp, so the root may be read-only.
# The kernel's compiled code depends on the processor: it is cached in /tmp, not in the image.
ENV PATH=/opt/related-posts/bin:$PATH \
    HOME=/tmp \
    NUMBA_CACHE_DIR=/tmp/numba \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RELATED_POSTS_DATA=/data

USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000

# What gunicorn and the worker end on, finishing what they do.
STOPSIGNAL SIGTERM

# Alive is enough: a service without an index answers 503 until the first training.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('RELATED_POSTS_PORT', '8000') + '/healthz', timeout=4).close()"]

ENTRYPOINT ["related-posts"]
CMD ["serve", "--host", "0.0.0.0"]
