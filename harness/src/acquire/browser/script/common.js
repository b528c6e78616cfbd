// What all scripts of a page share. Open shadow roots are looked into, frames are not.
const roots = () => {
  const all = [document];
  for (let at = 0; at < all.length; at += 1) {
    for (const element of all[at].querySelectorAll('*')) {
      if (element.shadowRoot) all.push(element.shadowRoot);
    }
  }
  return all;
};
const every = (selector) => roots().flatMap((root) => [...root.querySelectorAll(selector)]);
const visible = (element) => {
  if (!element.getClientRects().length) return false;
  const style = getComputedStyle(element);
  return style.visibility !== 'hidden' && style.display !== 'none';
};
const open = (element) => visible(element) && !element.disabled;
