//! What both must fail, and why: a fault and a requirement that it does not mean to break, a trial
//! that cannot be judged under a fault, a fault that no case can catch.

use super::Excuse;

/// All of them.
pub const EXCUSES: &[Excuse] = &[
    Excuse {
        faults: &["ciam-codes-want-secret"],
        requirements: &[
            "errored authorization_code/*",
            "errored ciam/pkce/*",
            "errored refresh_token/*",
        ],
        because: "where no application gets tokens without a client_secret, a refusal shows nothing",
    },
    Excuse {
        faults: &["ciam-otp-by-form-alone"],
        requirements: &["errored ciam/one_time_password/*"],
        because: "where no one-time password is taken as JSON, a refusal shows nothing",
    },
    Excuse {
        faults: &[
            "ciam-keys-are-203",
            "ciam-keys-named-as-in-the-sample",
            "ciam-metadata-without-keys",
        ],
        requirements: &[
            "errored *signature",
            "errored ciam/jwks/*",
            "errored oidc/signature/*",
        ],
        because: "without a key set that can be read no signature can be verified",
    },
    Excuse {
        faults: &[
            "error-is-html",
            "error-is-bare",
            "error-is-200",
            "error-is-422",
            "error-named-otherwise",
            "error-nested",
            "error-is-sentence",
            "error-of-the-vendor",
            "error-of-two-codes",
            "error-in-upper-case",
            "error-in-quotes",
            "error-empty",
            "error-is-number",
            "every-error-is-401",
        ],
        requirements: &[
            "rfc6749-5.2-invalid-*",
            "rfc6749-5.2-unauthorized-client",
            "rfc6749-5.2-unsupported-grant-type",
            "rfc7636-4.6-mismatch-invalid-grant",
            "rfc8707-2-invalid-*",
            "rfc9700-2.4-password-grant-forbidden",
            "oauth-v2-1-3.2.4-*",
            "oauth-v2-1-10-no-password-grant",
            "oidc-core-3.1.3.4-*",
        ],
        because: "these rows assign a code and a status to one mistake each, and of no mistake does \
                  the error have them",
    },
    Excuse {
        faults: &["error-is-200", "error-has-token"],
        requirements: &[
            "rfc6749-2.*",
            "rfc6749-3.*",
            "rfc6749-4.*",
            "rfc6749-6-*",
            "rfc6749-10.*",
            "rfc6749-5.2-unauthorized-client",
            "rfc6749-a.*",
            "rfc7636-4.*",
            "rfc7009-2*",
            "rfc8707-2-absolute-uri",
            "rfc8707-2-no-fragment",
            "rfc9700-2.*",
            "rfc9700-4.*",
            "oauth-v2-1-2.*",
            "oauth-v2-1-3.2*",
            "oauth-v2-1-4.*",
            "oauth-v2-1-10*",
            "oidc-core-3.1.3.2-*",
            "oidc-core-12.1-*",
            "oidc-core-14-codepoint-comparison",
            "errored refresh_token/refresh/wider-scope",
            "errored resource_indicators/resource/scope-of-another",
        ],
        because: "a refusal is a 4xx without a token, so of no mistake can be seen that it is refused",
    },
    Excuse {
        faults: &[
            "basic-unsupported",
            "body-credentials-unsupported",
            "metadata-without-list-and-basic",
        ],
        requirements: &[
            "oauth-v2-1-2.4.1-*",
            "oauth-v2-1-3.2.4-invalid-grant-invalid",
            "rfc6749-5.2-invalid-grant-invalid",
            "oidc-core-9-client-secret-basic",
            "rfc6749-2.3.1-basic-*",
            "rfc6749-4.1.4-success",
            "rfc6749-4.4.3-success",
            "rfc6749-4.4.2-grant-type",
            "errored authorization_code/*",
            "errored client_credentials/*",
            "errored introspection/refused/wrong-secret*",
            "errored metadata/claims/revocation-auth-method",
            "errored refresh_token/*",
            "errored token_endpoint/*",
        ],
        because: "each grant is tried with each method that the client is registered for, and with \
                  this one no control can succeed",
    },
    Excuse {
        faults: &["assertion-secret-decoded"],
        requirements: &["errored token_endpoint/client_assertion/*"],
        because: "where no assertion of a client with a secret is right, a refusal shows nothing",
    },
    Excuse {
        faults: &["s256-with-padding"],
        requirements: &[
            "rfc6749-4.1.4-success",
            "oidc-core-15.1-*",
            "oidc-core-3.1.2.1-unknown-scope-ignored",
            "oidc-core-3.1.3.3-access-token",
            "oidc-core-5.5.1-missing-claims-no-error",
            "oidc-core-9-client-secret-*",
            "rfc7636-4.1-verifier-full-range",
            "errored *",
        ],
        because: "every code has an S256 challenge, so that none can be exchanged, also by a control",
    },
    Excuse {
        faults: &[
            "access-token-missing",
            "access-token-empty",
            "access-token-is-object",
            "success-nested",
            "success-in-array",
            "success-is-a-form",
        ],
        requirements: &[
            "errored authorization_code/exchange/code-race*",
            "errored authorization_code/exchange/*replay*",
            "errored refresh_token/refresh/access-token-as-refresh-token",
            "errored bearer/*",
            "errored introspection/*",
            "errored revocation/*",
            "errored userinfo/*",
        ],
        because: "what begins with an access token cannot be tried where none is found",
    },
    Excuse {
        faults: &[
            "access-token-of-foreign-characters",
            "access-token-with-quotes",
        ],
        requirements: &[
            "rfc7662-2.2-active-required",
            "errored authorization_code/exchange/*replay",
            "errored revocation/revoke/*",
        ],
        because: "the token that is told is not the one that works, so nobody can see it revoked",
    },
    Excuse {
        faults: &["jwks-keys-named-otherwise"],
        requirements: &[
            "errored oidc/id_token/signature",
            "errored oidc/signature/*",
            "errored access_token/rfc9068/signature",
        ],
        because: "no signature can be verified with what is no key set, and the fault is the key set's",
    },
    Excuse {
        faults: &["success-in-array", "success-is-a-form"],
        requirements: &["errored oidc/token_endpoint/types"],
        because: "what is no JSON object has no members whose types could be wrong",
    },
    Excuse {
        faults: &["invalid-scope-is-server-error"],
        requirements: &["errored refresh_token/refresh/wider-scope"],
        because: "a server that breaks down has neither given more scope nor told what is wrong with it",
    },
    Excuse {
        faults: &["refresh-token-of-foreign-characters"],
        requirements: &["rfc7009-2*"],
        because: "the token that is told is not the one that works, so revoking it ends nothing",
    },
    Excuse {
        faults: &["ciam-form-of-*"],
        requirements: &[
            "ciam-client-credentials-error-grant-not-allowed",
            "ciam-password-param-client-secret-others",
            "ciam-refresh-error-refresh-token",
            "oidc-core-12.2-token-response",
            "rfc6749-2.3.1-basic-supported",
            "rfc6749-4.4.*",
            "rfc6749-5.2-*",
            "rfc6749-6-*",
            "errored *",
        ],
        because: "the form is how this grant is asked for, so no token of it can be had and no refusal shows \
                  anything",
    },
    Excuse {
        faults: &["code-lives-for-an-hour", "code-never-expires"],
        requirements: &["uncaught"],
        because: "the cases wait for a code to expire, which only `run --slow` does",
    },
    Excuse {
        faults: &["ciam-form-with-secret-refused"],
        requirements: &[
            "rfc6749-4.1.4-success",
            "rfc6749-5.2-invalid-grant-invalid",
            "ciam-error-code-incorrect",
            "errored authorization_code/*",
            "errored ciam/*",
            "errored refresh_token/*",
        ],
        because: "all that begins with a code and the documented parameters begins with the form that \
                  is refused",
    },
    Excuse {
        faults: &["revocation-without-basic"],
        requirements: &["rfc7009-*", "errored revocation/*"],
        because: "each revocation is made by this method, which is the first that the client is \
                  registered for",
    },
    Excuse {
        faults: &["refresh-grant-refused"],
        requirements: &[
            "errored introspection/introspect/revoked-refresh-token",
            "errored refresh_token/*",
            "errored resource_indicators/resource/refresh*",
            "errored revocation/*",
        ],
        because: "no refresh succeeds, also not as a control",
    },
    Excuse {
        faults: &[
            "access-token-missing",
            "access-token-empty",
            "access-token-is-object",
            "success-cacheable-in-private",
            "success-is-201",
            "success-labelled-html",
            "success-without-cache-control",
            "success-without-media-type",
            "token-type-missing",
        ],
        requirements: &["oidc-core-12.2-token-response"],
        because: "a refresh is answered as a code is, so what is wrong with every answer is wrong with this one",
    },
];
