// After an exchange the focus goes to what is asked now, or to the field with the fault, so that the keyboard and a
// screen reader go on from there.
document.addEventListener("htmx:after:swap", ({ detail }) => {
  if (detail.ctx?.target?.id !== "interview") return;
  const asked = document.querySelector("#interview [aria-invalid=true]") ?? document.querySelector("#interview [data-focus]");
  asked?.focus();
});

// How far a portfolio is: each event brings the part of the page that tells it, the last one the whole page.
const progress = document.querySelector("[data-events]");
if (progress) {
  const events = new EventSource(progress.dataset.events);
  let asking = false;
  const tell = async () => {
    if (asking) return;
    asking = true;
    const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
    const now = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("progress");
    if (now) progress.replaceChildren(...now.childNodes);
    asking = false;
  };
  for (const state of ["queued", "running"]) events.addEventListener(state, tell);
  for (const state of ["done", "failed", "cancelled", "gone"]) {
    events.addEventListener(state, () => {
      events.close();
      location.reload();
    });
  }
  addEventListener("pagehide", () => events.close());
}

// What is still worked out is asked for again.
if (document.querySelector("[data-again]")) setTimeout(() => location.reload(), 3000);
