// A signing key of the tests' own. It signs nothing anywhere else.

export const SIGNING_KEYS =
  '[{"kty":"EC","crv":"P-256","x":"-l8GEQDia7dRCZ6GePdihrSl23FfvhEivcQtoHQF-I8","y":"a-8t5t7GfVALIrK80jmb_KuWn7FW8-cNVIJnpej8cs8","d":"nncxm-LMkqM3eStcAxVYyf4AEZnFt6Rc6f3BON_3J3Q","kid":"suite-2026","created_at":"2026-01-01T00:00:00Z","active_at":"2026-01-01T00:00:00Z","retire_at":"2036-01-01T00:00:00Z"}]'
