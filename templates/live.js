// Listens for news of the page it stands on, and offers to show them. It changes nothing by itself and sends nothing;
// without it the page is the same.
(() => {
  const place = document.querySelector(".live");
  const source = new EventSource(document.currentScript.dataset.events);
  source.addEventListener("news", () => {
    source.close();
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "There is news: show it";
    // What the browser has kept of the page is asked for anew.
    button.addEventListener("click", () => location.reload());
    place.replaceChildren(button);
  });
  // A page that is only kept for going back is told nothing.
  addEventListener("pagehide", () => source.close());
})();
