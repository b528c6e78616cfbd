// The first visible element of a selector.
const [selector] = arguments;
try {
  document.querySelector(selector);
} catch (error) {
  return { bad: true, element: null };
}
return { bad: false, element: every(selector).find(visible) || null };
