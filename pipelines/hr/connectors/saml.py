"""The signed assertion by which SuccessFactors gives a token (its OData API Developer Guide, "Generating a SAML
Assertion").

signxml, because an XML signature by hand is a well-known way to make one that proves nothing.
"""

import base64
import uuid
from datetime import UTC, datetime, timedelta

AUDIENCE = "www.successfactors.com"
LASTS = timedelta(minutes=10)
FORM = """<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" ID="_{id}" IssueInstant="{now}" \
Version="2.0"><saml2:Issuer>{issuer}</saml2:Issuer><saml2:Subject><saml2:NameID \
Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">{user}</saml2:NameID><saml2:SubjectConfirmation \
Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml2:SubjectConfirmationData NotOnOrAfter="{until}" \
Recipient="{recipient}"/></saml2:SubjectConfirmation></saml2:Subject><saml2:Conditions NotBefore="{earlier}" \
NotOnOrAfter="{until}"><saml2:AudienceRestriction><saml2:Audience>{audience}</saml2:Audience>\
</saml2:AudienceRestriction></saml2:Conditions><saml2:AuthnStatement AuthnInstant="{now}" SessionIndex="_{id}">\
<saml2:AuthnContext><saml2:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport\
</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement><saml2:AttributeStatement><saml2:Attribute \
Name="api_key"><saml2:AttributeValue>{client_id}</saml2:AttributeValue></saml2:Attribute></saml2:AttributeStatement>\
</saml2:Assertion>"""


def assertion(*, issuer: str, user: str, client_id: str, recipient: str, private_key: str) -> str:
    """Base64, as the token endpoint takes it."""
    from xml.sax.saxutils import escape  # noqa: PLC0415

    from lxml import etree  # noqa: PLC0415  (with signxml half a second; only SuccessFactors needs them)
    from signxml.signer import XMLSigner  # noqa: PLC0415

    now = datetime.now(UTC)
    given = {"issuer": issuer, "user": user, "client_id": client_id, "recipient": recipient, "audience": AUDIENCE}
    times = {"now": now, "earlier": now - LASTS, "until": now + LASTS}
    form = FORM.format(
        id=uuid.uuid4().hex,
        **{name: escape(text, {'"': "&quot;"}) for name, text in given.items()},
        **{name: moment.strftime("%Y-%m-%dT%H:%M:%SZ") for name, moment in times.items()},
    )
    signer = XMLSigner(c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#")
    signed = signer.sign(etree.fromstring(form), key=private_key, reference_uri=None)
    return base64.b64encode(etree.tostring(signed)).decode()
