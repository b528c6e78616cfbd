// What a page shows, and what a login would do with it.
const [own, words] = arguments;
const split = (text) => (text || '').toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);
const has = (text, known) => split(text).some((word) => known.includes(word));
const called = (element, name) => element.name === name || element.id === name;
const squeezed = (text) => (text || '').replace(/\s+/g, ' ').trim().slice(0, 2000);
const label = (element) => squeezed(
  element.innerText || element.value || element.getAttribute('aria-label')
  || element.getAttribute('alt') || element.title || element.getAttribute('name'));
const best = (rated) => rated.reduce((found, next) => (next[0] > found[0] ? next : found), [0, null])[1];

const BUTTONS = 'button, input[type=submit], input[type=image], input[type=button], [role=button]';
const inputs = every('input').filter(open);
const buttons = every(BUTTONS).filter((element) => open(element) && element.type !== 'reset');
const links = every('a[href]').filter(visible);
const of = (field) => (element) => !field.form || element.form === field.form || field.form.contains(element);

// The field of the password: that of somebody who is known, before that of somebody new.
const passwords = inputs.filter((input) => input.type === 'password');
const says = (input, word) => (input.autocomplete || '').includes(word);
const password = own.password
  ? inputs.find((input) => called(input, own.password))
  : passwords.find((input) => says(input, 'current-password'))
    || passwords.find((input) => !says(input, 'new-password'))
    || passwords[0];

// The field of the name.
const texts = inputs.filter((input) => ['text', 'email', 'tel', 'number', 'url'].includes(input.type)
  && !input.readOnly && (!password || of(password)(input)));
const named = (input) => [input.name, input.id, input.autocomplete]
  .some((text) => words.names.some((name) => (text || '').toLowerCase().includes(name)));
const before = texts.filter((input) => password
  && input.compareDocumentPosition(password) & Node.DOCUMENT_POSITION_FOLLOWING);
const username = own.username
  ? inputs.find((input) => called(input, own.username))
  : texts.find((input) => /\b(username|email)\b/.test(input.autocomplete || ''))
    || texts.find(named)
    || texts.find((input) => input.type === 'email')
    || before[before.length - 1];

// The button that sends them; none where it could be one of several.
const field = password || username;
const rate = (button) => {
  if (has(label(button), words.no) || has(label(button), ['with', 'using'])) return 0;
  if (has(label(button), words.enter) || has(label(button), words.yes)) return 3;
  return button.type === 'submit' || button.type === 'image' ? 2 : 1;
};
const near = field ? buttons.filter(of(field)) : [];
const unsure = near.filter((button) => rate(button) === 1).length > 1;
const enter = best(near.map((button) => [rate(button), button]).filter(([rated]) => rated > 1 || !unsure));

// The button, or link, that consents.
const yes = (element) => {
  for (const text of [label(element), element.value, element.getAttribute('name'), element.id]) {
    if (has(text, words.no)) return false;
    if (has(text, words.yes)) return true;
  }
  return null;
};
const away = (address) => split(address).some((word) => ['logout', 'signout', 'cancel', 'abort'].includes(word));
const asks = (form) => inputs.some((input) => (input.form || null) === (form || null)
  && ['text', 'email', 'tel', 'number', 'search', 'password'].includes(input.type) && !input.readOnly && !input.value);
const goes = (element) => !asks(element.form) && !(element.form && away(element.form.getAttribute('action')))
  && !(element.form && element.form.getAttribute('role') === 'search');
const wanted = (element) => called(element, own.consent) || element.value === own.consent
  || label(element).toLowerCase() === own.consent.toLowerCase();
const consent = own.consent
  ? [...buttons, ...links].find(wanted)
  : best([
    ...buttons.filter(goes).map((element) => {
      const said = yes(element);
      return [said ? 3 : said === null && buttons.length === 1 ? 1 : 0, element];
    }),
    ...links.filter((link) => !away(link.getAttribute('href')))
      .map((link) => [has(label(link), words.yes) && !has(label(link), words.no) ? 2 : 0, link]),
  ]);

// Boxes without which a form is not taken, or a consent is none.
const unticked = (element, scopes) => every('input[type=checkbox]').filter((box) => open(box) && !box.checked
  && element && of(element)(box) && (box.required || scopes && box.name.toLowerCase().includes('scope')));

const alerts = every('[role=alert], [class*=error i], [class*=alert i]').filter(visible)
  .map((element) => squeezed(element.innerText)).filter(Boolean);
const shown = every('input, select, textarea, button, [role=button]').filter(open).map((element) => ({
  button: buttons.includes(element),
  name: squeezed(buttons.includes(element) ? label(element) : element.name || element.id),
  type: element.type || element.localName,
}));
return {
  ready: document.readyState === 'complete',
  url: location.href,
  title: squeezed(document.title),
  agent: navigator.userAgent,
  alerts: [...new Set(alerts)].slice(0, 4),
  shown: shown.slice(0, 12),
  frames: every('iframe, frame').filter(visible).length,
  username: username || null,
  password: password || null,
  enter,
  consent: consent || null,
  loginTicks: unticked(field, false),
  consentTicks: unticked(consent, true),
  same: JSON.stringify([location.href, performance.timeOrigin, shown, links.map(label).slice(0, 40)]),
};
