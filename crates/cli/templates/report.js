// The page is readable without this script. The script filters the table, and shows reasons in place.
(() => {
  "use strict";
  const form = document.querySelector("#subscriptions form");
  const table = document.querySelector("#subscriptions table");
  // A summary has no list.
  if (!form) return;

  const { text, customer, action, verdict, count } = form.elements;
  const groups = Array.from(table.tBodies, (body) => ({
    body,
    customer: body.querySelector("bdi").textContent,
    rows: Array.from(body.querySelectorAll("tr[data-v]"), (row) => ({ row, verdicts: row.dataset.v, text: null })),
  }));
  const all = groups.reduce((sum, group) => sum + group.rows.length, 0);

  // The searched text: customer, name, id, facts with their origins, dates and notes.
  const read = (group, of) => {
    if (of.text !== null) return;
    const texts = Array.from(of.row.querySelectorAll("bdi, th code, dd"), (part) => part.textContent);
    of.text = [group.customer, ...texts].join("\n").toLowerCase();
  };

  const filter = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = verdict.value;
    const hasVerdict = ({ verdicts }) =>
      !wanted || (action.value ? verdicts[action.value] === wanted : verdicts.includes(wanted));
    const hasText = (group, of) => {
      if (!words.length) return true;
      read(group, of);
      return words.every((word) => of.text.includes(word));
    };
    let shown = 0;
    groups.forEach((group) => {
      const before = shown;
      const ofCustomer = !customer.value || customer.value === group.body.id;
      for (const of of group.rows) {
        const fits = ofCustomer && hasVerdict(of) && hasText(group, of);
        if (fits) shown += 1;
        // Each write causes a new layout.
        if (of.row.hidden === fits) of.row.hidden = !fits;
      }
      group.body.hidden = shown === before;
      group.body.style.setProperty("--rows", shown - before);
    });
    count.value = `${shown.toLocaleString("en")} of ${all.toLocaleString("en")} subscriptions`;
  };

  form.addEventListener("input", filter);
  // Slow with ten thousand rows, so done before the first letter.
  text.addEventListener("focus", () => groups.forEach((group) => group.rows.forEach((of) => read(group, of))), { once: true });
  form.addEventListener("submit", (event) => event.preventDefault());
  // The event fires before the fields are reset.
  form.addEventListener("reset", () => setTimeout(filter));
  form.hidden = false;
  filter();

  // The event does not bubble.
  table.addEventListener("toggle", ({ target: details }) => {
    const link = details.querySelector(":scope > a:last-child");
    if (!link) return;
    const reasons = document.querySelector(link.hash);
    const heading = document.createElement("p");
    heading.textContent = reasons.querySelector("h4 b").textContent;
    details.append(heading, reasons.querySelector("dl").cloneNode(true));
  }, true);
})();
