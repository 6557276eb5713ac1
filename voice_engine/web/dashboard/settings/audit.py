"""Who did what, when."""

from starlette.responses import Response, StreamingResponse

from voice_engine.domains.auditing.service import AuditLog, export_csv
from voice_engine.web.dashboard.view import View

LOG = AuditLog()


async def show_audit(view: View) -> Response:
    """A page of the audit, the newest first."""
    asked = view.request.query_params
    action, cursor = asked.get("action") or None, asked.get("before") or None
    async with view.store.read(view.organization_id) as work:
        page = await LOG.page(work, action=action, cursor=cursor)
        actions = await LOG.actions(work)
    return view.page("settings/audit.html", audit=page, actions=actions, action=action, cursor=cursor)


async def download_audit(view: View) -> Response:
    """All of it as CSV."""
    action = view.request.query_params.get("action") or None
    headers = {
        "Content-Disposition": 'attachment; filename="audit.csv"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    rows = export_csv(view.store, view.organization_id, action=action)
    return StreamingResponse(rows, media_type="text/csv; charset=utf-8", headers=headers)
