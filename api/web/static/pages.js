// After an exchange the focus goes to what is asked now, so that the keyboard and a screen reader go on from there.
document.addEventListener("htmx:after:swap", () => {
  const asked = document.querySelector("#interview [data-focus]");
  if (asked && !document.activeElement?.closest("#interview")) asked.focus({ preventScroll: false });
});
