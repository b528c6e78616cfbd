# One static binary and nothing else: no shell, no libc, no certificates (they are in the binary).
FROM rust:1.90-alpine AS build
RUN apk add --no-cache build-base cmake perl
WORKDIR /src
COPY . .
RUN cargo build --release --locked && cp target/release/tokenspec /tokenspec && mkdir /work

FROM scratch
COPY --from=build /tokenspec /tokenspec
COPY --from=build --chown=65532:65532 /work /work
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["/tokenspec"]
CMD ["run"]
