//! PKCS#12, by a library; here is only which of its parts mean what to Java.

use p12_keystore::Pkcs12Archive;

use super::{Entry, Trouble};

pub(super) fn read(bytes: &[u8], password: Option<&str>) -> Result<Vec<Entry>, Trouble> {
    let archive = Pkcs12Archive::from_pkcs12(bytes, password.unwrap_or_default()).map_err(|error| {
        use p12_keystore::error::Error as E;
        match error {
            E::MacError(_) | E::UnpadError | E::Pkcs5Error(_) if password.is_some() => Trouble::Password,
            E::MacError(_) | E::UnpadError | E::Pkcs5Error(_) => Trouble::NoPassword,
            other => Trouble::Content(format!("it is damaged, or encrypted in an unknown way: {other}")),
        }
    })?;
    let mut out = Vec::new();
    let mut used = vec![false; archive.certs.len()];
    for key in &archive.keys {
        let own = archive
            .certs
            .iter()
            .position(|bag| {
                key.local_key_id.as_ref().is_some_and(|id| bag.local_key_id.as_deref() == Some(id.as_ref()))
            })
            .or_else(|| (archive.keys.len() == 1 && archive.certs.len() == 1).then_some(0));
        let mut chain = Vec::new();
        let mut next = own;
        while let Some(at) = next {
            let bag = &archive.certs[at];
            used[at] = true;
            chain.push(bag.cert.as_der().to_vec());
            let issuer = bag.cert.issuer();
            next = (issuer != bag.cert.subject())
                .then(|| archive.certs.iter().position(|other| !other.trusted && other.cert.subject() == issuer))
                .flatten()
                .filter(|found| !used[*found]);
        }
        out.push(Entry::Key { key: key.key.as_der().to_vec(), chain });
    }
    let any_marked = archive.certs.iter().any(|bag| bag.trusted);
    for (bag, used) in archive.certs.iter().zip(used) {
        // Java marks what it trusts. Other tools do not; what they put in beside no key can mean nothing else.
        if bag.trusted || (!any_marked && !used) {
            out.push(Entry::Trusted(bag.cert.as_der().to_vec()));
        }
    }
    Ok(out)
}
