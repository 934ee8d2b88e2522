// node provider.mjs CONFIG: a company's OpenID provider. Whoever is in the file of people may sign in, by any password.
import { readFileSync } from 'node:fs';
import Provider from 'oidc-provider';

const told = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const person = (login) => JSON.parse(readFileSync(told.people, 'utf8'))[login]; // read anew: groups change

const provider = new Provider(told.issuer, {
  clients: [{
    client_id: told.client_id,
    client_secret: told.client_secret,
    redirect_uris: [`${told.praxis}/sign-in/company/callback`],
    post_logout_redirect_uris: [`${told.praxis}/sign-in/company/signed-out`],
    backchannel_logout_uri: `${told.praxis}/oauth/backchannel-logout`,
    backchannel_logout_session_required: true,
    grant_types: ['authorization_code'],
    response_types: ['code'],
  }],
  claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'], groups: ['groups'] },
  cookies: { keys: ['only-for-tests'] },
  pkce: { required: () => true, methods: ['S256'] },
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true }, backchannelLogout: { enabled: true } },
  ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 3600, IdToken: 600, Interaction: 600, Session: 3600 },
  async findAccount(ctx, login) {
    const known = person(login);
    return known && { accountId: login, claims: async () => ({ sub: login, ...known }) };
  },
  async loadExistingGrant(ctx) { // the company has said yes for all its people
    const known = ctx.oidc.session.grantIdFor(ctx.oidc.client.clientId);
    if (known) return ctx.oidc.provider.Grant.find(known);
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope('openid profile email groups');
    await grant.save();
    return grant;
  },
});
provider.on('backchannel.error', (ctx, error) => console.error('back-channel', error.message));
provider.listen(new URL(told.issuer).port, 'localhost', () => console.log('ready'));
