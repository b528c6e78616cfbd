// All texts of a page, each at its place. Where new ones are given, they are put there first; then
// what people type is hidden, and what cannot be looked into.
const [told] = arguments;
const spots = [];
for (const root of roots()) {
  const walker = document.createTreeWalker(root === document ? document.documentElement : root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const holder = node.parentElement && node.parentElement.localName;
    if (holder !== 'script' && holder !== 'style' && node.data.trim()) {
      spots.push({ get: () => node.data, set: (text) => { node.data = text; } });
    }
  }
  for (const element of root.querySelectorAll('[placeholder], [alt], input[type=submit], input[type=button], input[type=reset]')) {
    for (const name of ['placeholder', 'alt', 'value']) {
      if (element.hasAttribute(name)) {
        spots.push({ get: () => element.getAttribute(name), set: (text) => element.setAttribute(name, text) });
      }
    }
  }
}
if (told) {
  for (const { at, was, text } of told) {
    if (spots[at] && spots[at].get() === was) spots[at].set(text);
  }
  for (const field of every('input, textarea')) {
    const typed = !['submit', 'button', 'reset', 'image', 'checkbox', 'radio', 'hidden', 'file'].includes(field.type);
    if (typed && field.value) field.value = ['number', 'date', 'range', 'color'].includes(field.type) ? '' : '••••••';
  }
  const hide = (element) => element.style.setProperty('visibility', 'hidden', 'important');
  every('iframe, frame, object, embed').forEach(hide);
  // An element that shows something although nothing is in it has a root that is closed.
  every('*').filter((element) => element.localName.includes('-') && !element.shadowRoot && !element.childNodes.length)
    .forEach(hide);
}
return spots.map((spot) => spot.get());
