// After an exchange the focus goes to what is asked now, or to the field with the fault, so that the keyboard and a
// screen reader go on from there.
document.addEventListener("htmx:after:swap", ({ detail }) => {
  if (detail.ctx?.target?.id !== "interview") return;
  const asked = document.querySelector("#interview [aria-invalid=true]") ?? document.querySelector("#interview [data-focus]");
  asked?.focus();
});
