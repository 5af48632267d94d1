# Ordo with what CUDA takes, for infra/kubernetes/overlays/gpu. Nobody has built or run it yet: say what you find.
#   docker build -f infra/Dockerfile -t ordo . && docker build -f infra/gpu.Dockerfile -t ordo-gpu infra
ARG ORDO=ordo
# onnxruntime-node fetches libraries for CUDA 12 and cuDNN 9; any CUDA 12 does, as its minor versions are compatible.
ARG CUDA=12.8.1-cudnn-runtime-ubuntu24.04

FROM ${ORDO} AS ordo

FROM nvidia/cuda:${CUDA}
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates tini \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production MALLOC_ARENA_MAX=2
WORKDIR /app
COPY --from=ordo /usr/local/bin/node /usr/local/bin/ordo /usr/local/bin/
COPY --from=ordo /app .
# From NuGet: libonnxruntime_providers_cuda.so and what it loads. There is none for arm64.
RUN node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12 \
  && chown 1000:1000 .ordo
USER 1000:1000
EXPOSE 9464
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["node", "/app/infra/healthcheck.js"]
ENTRYPOINT ["/usr/bin/tini", "--", "ordo"]
CMD ["--help"]
