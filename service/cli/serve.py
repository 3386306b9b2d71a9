"""The command `comity serve`, with a flag for each setting."""

from typing import Annotated

import typer

from comity.service.cli.options import StoreOption, settings_with


def serve(
    store: StoreOption = None,
    store_update: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Address for updates of a remote store; else COMITY_STORE_UPDATE or none.",
        ),
    ] = None,
    store_graphs: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Its Graph Store Protocol; else COMITY_STORE_GRAPHS or none."
        ),
    ] = None,
    store_immutable: Annotated[
        bool | None,
        typer.Option(
            "--store-immutable/--no-store-immutable",
            help="Remote data never change, so cache answers; else COMITY_STORE_IMMUTABLE or off.",
            show_default=False,
        ),
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; else COMITY_HOST or 127.0.0.1.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port, 0 for any free one; else COMITY_PORT or 8000.")
    ] = None,
    union: Annotated[
        bool | None,
        typer.Option(
            "--union/--no-union",
            help="Query the union of all graphs by default; else COMITY_UNION or on.",
            show_default=False,
        ),
    ] = None,
    bundled: Annotated[
        bool | None,
        typer.Option(
            "--bundled/--no-bundled",
            help="Keep the bundled graphs in the store; else COMITY_BUNDLED or on.",
            show_default=False,
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(help="Time limit of a query in seconds; else COMITY_TIMEOUT or 30."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            help="Short queries at once; twice as many long ones may run too; else COMITY_WORKERS."
        ),
    ] = None,
    memory: Annotated[
        str | None,
        typer.Option(metavar="BYTES", help="Memory limit of a query; else COMITY_MEMORY or 1 GB."),
    ] = None,
    cache: Annotated[
        str | None,
        typer.Option(
            metavar="BYTES", help="Memory for cached answers; else COMITY_CACHE or 64 MB."
        ),
    ] = None,
    max_upload: Annotated[
        str | None,
        typer.Option(
            metavar="BYTES", help="Largest upload to /store; else COMITY_MAX_UPLOAD or 1 GB."
        ),
    ] = None,
    service_allow: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESSES",
            help="Addresses that SERVICE may call; else COMITY_SERVICE_ALLOW or none.",
        ),
    ] = None,
    max_body: Annotated[
        str | None,
        typer.Option(metavar="BYTES", help="Largest request body; else COMITY_MAX_BODY or 1 MB."),
    ] = None,
    queries: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDERS",
            help="Folders of further canned queries, separated as in PATH; else COMITY_QUERIES.",
        ),
    ] = None,
    show_text: Annotated[
        bool | None,
        typer.Option(
            "--show-text/--no-show-text",
            help="Show attached texts on /sources/…; else COMITY_SHOW_TEXT or off.",
            show_default=False,
        ),
    ] = None,
    cors: Annotated[
        str | None,
        typer.Option(
            metavar="ORIGINS",
            help="Origins whose pages may read the service, `*` or `off`; else COMITY_CORS or off.",
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Public address behind a proxy; else COMITY_BASE."),
    ] = None,
    proxy: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESSES",
            help="Proxies whose X-Forwarded-For is trusted; else COMITY_PROXY or this machine.",
        ),
    ] = None,
    rate: Annotated[
        str | None,
        typer.Option(
            metavar="N/s|min|h",
            help="Request rate of one client; else COMITY_RATE or off.",
        ),
    ] = None,
    grace: Annotated[
        float | None,
        typer.Option(
            help="Seconds for running answers to end at shutdown; else COMITY_GRACE or 10."
        ),
    ] = None,
    log_level: Annotated[
        str | None,
        typer.Option(
            metavar="LEVEL",
            help="debug, info (each request), warning, error; else COMITY_LOG_LEVEL or warning.",
        ),
    ] = None,
    log_format: Annotated[
        str | None,
        typer.Option(metavar="FORMAT", help="text or json; else COMITY_LOG_FORMAT or text."),
    ] = None,
    slow_query: Annotated[
        str | None,
        typer.Option(
            metavar="SECONDS",
            help="Log queries slower than this; else COMITY_SLOW_QUERY or 5.",
        ),
    ] = None,
) -> None:
    """Serve the graph over HTTP until Ctrl-C.

    \b
    Examples:
      comity serve
      comity serve --port 8123 --store memory
      COMITY_CORS='*' comity serve --host 0.0.0.0
      comity serve --store http://db:7878/query
      comity serve --log-level info --log-format json --rate 300/min
    """
    from comity.service.cli.actions.serve import serve as run

    settings = settings_with(
        store=store,
        store_update=store_update,
        store_graphs=store_graphs,
        store_immutable=store_immutable,
        host=host,
        port=port,
        union=union,
        bundled=bundled,
        timeout=timeout,
        workers=workers,
        memory=memory,
        cache=cache,
        service_allow=service_allow,
        max_body=max_body,
        max_upload=max_upload,
        queries=queries,
        show_text=show_text,
        cors=cors,
        base=base,
        proxy=proxy,
        rate=rate,
        grace=grace,
        log_level=log_level,
        log_format=log_format,
        slow_query=slow_query,
    )
    run(settings)
