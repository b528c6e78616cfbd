#!/usr/bin/env node
// An example for `via = "command"`: gets the authorization URL as its last argument, follows the
// server's redirects as a browser would, with its cookies, and prints the URL that carries the code.
//
//     [target.oidc-provider.login]
//     via     = "command"
//     command = ["node", "login.mjs"]
//
// A server that shows a login page needs one more step: post its form where a page comes back.

const MAX_STEPS = 10;

class Cookies {
  #kept = new Map();

  keep(response, url) {
    for (const line of response.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split(';').map((part) => part.trim());
      const at = pair.indexOf('=');
      const name = pair.slice(0, at);
      const value = pair.slice(at + 1);
      const given = Object.fromEntries(attributes.map((attribute) => {
        const [key, ...rest] = attribute.split('=');
        return [key.toLowerCase(), rest.join('=')];
      }));
      const path = given.path?.startsWith('/') ? given.path : url.pathname.replace(/\/[^/]*$/, '') || '/';
      const gone = given['max-age'] !== undefined
        ? Number(given['max-age']) <= 0
        : Date.parse(given.expires) <= Date.now();
      const key = `${name};${path}`;
      if (gone) this.#kept.delete(key);
      else this.#kept.set(key, { name, value, path });
    }
  }

  header(url) {
    const under = (path) => url.pathname === path || url.pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
    return [...this.#kept.values()].filter(({ path }) => under(path)).map(({ name, value }) => `${name}=${value}`).join('; ');
  }
}

// What a page says, for a person who reads it in a terminal.
function plain(html) {
  return html.replace(/<(style|script)\b.*?<\/\1>|<[^>]*>/gs, ' ').replace(/\s+/g, ' ').trim().slice(0, 500);
}

async function logIn(start) {
  const cookies = new Cookies();
  let url = start;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const cookie = cookies.header(url);
    const response = await fetch(url, {
      redirect: 'manual',
      headers: cookie ? { cookie } : {},
    });
    cookies.keep(response, url);

    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || !location) {
      throw new Error(`${url.origin}${url.pathname} answered ${response.status} and no redirect: ${plain(await response.text())}`);
    }
    await response.body?.cancel();

    url = new URL(location, url);
    if (url.origin === start.origin) continue;

    const error = url.searchParams.get('error');
    if (error) {
      throw new Error(`the server refused: ${error}: ${url.searchParams.get('error_description') ?? 'it does not say why'}`);
    }
    if (!url.searchParams.has('code')) {
      throw new Error(`${url.origin}${url.pathname} was given no code`);
    }
    return url.href;
  }
  throw new Error(`no code after ${MAX_STEPS} redirects`);
}

const argument = process.argv.at(-1);
if (process.argv.length < 3 || !URL.canParse(argument)) {
  console.error('usage: login.mjs AUTHORIZATION-URL');
  process.exit(2);
}
try {
  console.log(await logIn(new URL(argument)));
} catch (error) {
  console.error(error.cause ? `${error.message}: ${error.cause.message}` : error.message);
  process.exitCode = 1;
}
