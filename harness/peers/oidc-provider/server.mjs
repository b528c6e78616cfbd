// The npm package oidc-provider as a peer of tokenspec: a certified OpenID provider, configured to
// log its one user in without asking. What it answers at the token endpoint is its own; this file
// only registers the clients that tokenspec.toml names and takes the person out of the login. With
// PAGES=stock the person stays in: the package's own login and consent pages are shown, where any
// name and any password do.

import { generateKeyPairSync, randomBytes } from 'node:crypto';

// Standard output belongs to the one line that says the server is ready. The package writes its
// notices there, from the moment it is loaded.
console.info = console.error;

const host = '127.0.0.1';
const port = Number(process.env.PORT || 9401);
if (!Number.isInteger(port) || port < 1 || port > 65535) {
  console.error(`PORT is ${process.env.PORT}: it has to be a number from 1 to 65535`);
  process.exit(2);
}
if (typeof URL.parse !== 'function') {
  console.error(`oidc-provider needs URL.parse, which Node ${process.version} does not have: use Node 22, or the last 20`);
  process.exit(1);
}

const pages = process.env.PAGES || 'none';
if (!['none', 'stock'].includes(pages)) {
  console.error(`PAGES is ${pages}: it has to be stock, or none`);
  process.exit(2);
}
const stock = pages === 'stock';

const { Provider, errors } = await import('oidc-provider');
const { default: MemoryAdapter } = await import('oidc-provider/lib/adapters/memory_adapter.js');

const issuer = `http://${host}:${port}`;
const account = 'alice';

// Two APIs that tokens can be had for (RFC 8707). Tokens for the first are opaque, those for the second JWTs.
const apis = {
  'https://api.client.example/': { scope: 'read', accessTokenFormat: 'opaque' },
  'https://other-api.client.example/': { scope: 'write', accessTokenFormat: 'jwt' },
};
// The clients of the target `oidc-provider-jwt` get all tokens for this one.
const jwtApi = 'https://other-api.client.example/';

// The secrets are the ones in tokenspec.toml. They guard nothing: the server listens on the loopback
// interface and forgets everything when it ends.
function client(name, method, grants, more) {
  return {
    client_id: `tokenspec-${name}`,
    ...(method === 'none' ? {} : { client_secret: `${name}-secret-that-guards-nothing-0123456789` }),
    token_endpoint_auth_method: method,
    application_type: 'web',
    grant_types: grants,
    response_types: grants.includes('authorization_code') ? ['code'] : [],
    redirect_uris: grants.includes('authorization_code')
      ? [`https://client.example/${name}/callback`, `https://client.example/${name}/other`]
      : [],
    scope: ['openid profile offline_access', ...(grants.includes('client_credentials') ? ['read write'] : [])].join(' '),
    ...more,
  };
}

const user = ['authorization_code', 'refresh_token'];
const both = [...user, 'client_credentials'];

// The package's own store keeps the last thousand or so entries, and a code costs up to eight: in a run of
// some hundred cases it forgets tokens that nobody revoked, which looks like a revocation. A Map
// keeps them; what has expired is refused by its `exp`.
const store = new Map();
class UnboundedMemory extends MemoryAdapter {
  constructor(model) {
    super(model, store);
  }
}

const provider = new Provider(issuer, {
  adapter: UnboundedMemory,
  clients: [
    client('main', 'client_secret_basic', both),
    client('other', 'client_secret_basic', both),
    client('main-post', 'client_secret_post', both),
    client('other-post', 'client_secret_post', both),
    // No client_credentials, one redirect URI, and other algorithms than RS256.
    client('elliptic', 'client_secret_basic', user, {
      id_token_signed_response_alg: 'ES256',
      redirect_uris: ['https://client.example/elliptic/callback'],
    }),
    client('hmac', 'client_secret_post', user, {
      id_token_signed_response_alg: 'HS256',
      redirect_uris: ['https://client.example/hmac/callback'],
    }),
    // Characters that the form encoding of HTTP Basic changes.
    client('reserved', 'client_secret_basic', ['client_credentials'], {
      client_id: 'tokenspec:reserved',
      client_secret: 'reserved+secret%20that/guards:nothing&0123456789',
    }),
    client('public', 'none', user),
    client('other-public', 'none', user),
    client('jwt', 'client_secret_basic', both),
    client('jwt-other', 'client_secret_post', both),
  ],
  clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
  scopes: ['openid', 'profile', 'offline_access', 'read', 'write'],
  claims: { openid: ['sub'], profile: ['name'] },
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'HS256'] },
  features: {
    devInteractions: { enabled: stock },
    claimsParameter: { enabled: true },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    userinfo: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_ctx, client, oneOf) => oneOf ?? (client.clientId.startsWith('tokenspec-jwt') ? jwtApi : undefined),
      useGrantedResource: (_ctx, model) => model.clientId.startsWith('tokenspec-jwt'),
      getResourceServerInfo: (_ctx, resource) => {
        if (!Object.hasOwn(apis, resource)) throw new errors.InvalidTarget();
        return apis[resource];
      },
    },
  },
  // By default a refresh token needs offline_access, and offline_access a prompt for consent.
  issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, name: 'Alice Example' }) }),
  ...(stock ? {} : { interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` } }),
  cookies: { keys: [randomBytes(32).toString('base64url')] },
  jwks: {
    keys: [
      {
        ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
        use: 'sig',
        alg: 'RS256',
      },
      {
        ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
        use: 'sig',
        alg: 'ES256',
      },
    ],
  },
});

// Where the login page would be: the user is logged in and has consented to all that was asked for,
// and the browser is sent back. `login_hint` says who it is, alice if nobody. Who is asked to log in as somebody
// else, or by a means that is not there, gives up, as a person would.
const inVain = ['id_token_hint', 'claims_id_token_sub_value', 'essential_acr', 'essential_acrs'];
provider.use(async (ctx, next) => {
  if (stock || ctx.method !== 'GET' || !ctx.path.startsWith('/interaction/')) return next();

  const { params, grantId, prompt, session } = await provider.interactionDetails(ctx.req, ctx.res);
  const accountId = session?.accountId ?? params.login_hint ?? account;
  const grant = (grantId && (await provider.Grant.find(grantId)))
    || new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  for (const resource of [params.resource ?? []].flat()) grant.addResourceScope(resource, params.scope);
  const result = session && prompt.reasons.some((reason) => inVain.includes(reason))
    ? { error: 'login_required', error_description: prompt.reasons.join(' ') }
    : { login: { accountId }, consent: { grantId: await grant.save() } };
  ctx.status = 303;
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
});

provider.on('server_error', (_ctx, error) => console.error(error));

const server = provider.listen(port, host, () => console.log(`ready ${issuer}`));
server.on('error', (error) => {
  console.error(`cannot listen on ${host}:${port}: ${error.message}`);
  process.exit(1);
});

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
