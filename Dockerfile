# The static binary and nothing else: no shell, no libraries, no files of a distribution. The context is a folder with
# `portcullis` in it, as an unpacked release archive is; docs/install.md shows how to build and run the image.
FROM scratch
ARG BINARY=portcullis
COPY ${BINARY} /portcullis
WORKDIR /src
# Numeric, for there is no /etc/passwd, and nobody's.
USER 65532:65532
ENTRYPOINT ["/portcullis"]
