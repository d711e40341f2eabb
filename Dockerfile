# policysearch in a container: the pages and the HTTP API, and every command.
#
#   docker build -t policysearch .
#   docker run --rm -v "$HOME/documents:/documents:ro" -v policies:/index policysearch index /documents
#   docker run --rm -v policies:/index -p 127.0.0.1:8765:8765 policysearch
#   docker run --rm -v policies:/index policysearch search 营商环境

FROM python:3.13-slim AS build
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --wheel-dir /wheels '.[all]'

FROM python:3.13-slim
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels 'policysearch[all]' \
    && useradd --create-home --uid 1000 reader \
    && install -d -o reader -g reader /index
USER reader
WORKDIR /home/reader
ENV POLICYSEARCH_INDEX=/index LC_ALL=C.UTF-8
VOLUME /index
EXPOSE 8765
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
    CMD ["python", "-I", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8765/api/v1/info', timeout=4)"]
ENTRYPOINT ["policysearch"]
# there is no login: publish the port on 127.0.0.1, or behind a proxy that has one
CMD ["serve", "--host", "0.0.0.0"]
