"""The report as PDF, made from its page; nothing is fetched."""

from __future__ import annotations

from typing import Any

from prognomics.errors import NotInstalled

HINT = "pip install 'prognomics[pdf]' (it needs the system library Pango), or print the HTML report from a browser"


def pdf_of(page: str) -> bytes:
    """A page as PDF; the same page gives the same bytes.

    Parameters
    ----------
    page : str
        HTML whose pictures are data URLs.

    Raises
    ------
    NotInstalled
        If WeasyPrint or the system library Pango is not installed.
    """
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as error:
        raise NotInstalled(f"the PDF needs WeasyPrint, which cannot be loaded: {str(error)[:200]}", hint=HINT) from None
    from prognomics.report.export.pdf_figures import figures_of
    from prognomics.report.page import for_print

    result: bytes = HTML(string=for_print(page), url_fetcher=_only_data(), base_url=None).write_pdf(
        cache=figures_of(page)
    )
    return result


def _only_data() -> Any:
    """Fetches data URLs and refuses all others, files too."""
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols=["data"])
