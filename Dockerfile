# The service, as one process on SQLite. Build: docker build -t steelyard .
FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 STEELYARD_HOME=/var/lib/steelyard
WORKDIR /srv/steelyard
COPY requirements/ requirements/
RUN python -m pip install --no-cache-dir --require-hashes -r requirements/tools.txt \
 && uv pip install --system --no-cache --require-hashes --compile-bytecode -r requirements/base.txt
COPY . .
RUN uv pip install --system --no-cache --no-deps --no-build-isolation -e . \
 && useradd --system --home-dir /var/lib/steelyard --create-home steelyard
USER steelyard
VOLUME /var/lib/steelyard
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz')"]
CMD ["steelyard", "serve", "--host", "0.0.0.0", "--port", "8000"]
