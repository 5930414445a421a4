//! A service whose certificate this machine does not trust, as behind a proxy that opens TLS.

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    sync::Arc,
    thread,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

use super::{ACCOUNT_TOKEN, ONCE, TOKEN, Vendor, flat, project, stderr, tenure};

/// A new CA.
fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap()
}

/// Serves `401` at the port that it returns, under a certificate of its own CA, which it returns as PEM.
fn refusing_service() -> (u16, String) {
    let ca = authority();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &ca).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap();
    let config = Arc::new(config);

    let listener = TcpListener::bind("localhost:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let server = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(server, connection.unwrap());
            // A client that does not trust the certificate hangs up here.
            if stream.read(&mut [0; 4096]).is_ok() {
                let answer = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                let _written = stream.write_all(answer.as_bytes()).and_then(|()| stream.flush());
            }
        }
    });
    (port, ca.pem())
}

#[test]
fn a_certificate_that_is_not_trusted_names_the_variable_that_helps_and_it_helps() {
    let (port, ca) = refusing_service();
    let folder = project(Vendor::Humaans, &format!("https://localhost:{port}"));
    fs::write(folder.path().join("ca.pem"), ca).unwrap();
    let command = |trusted: &str| {
        let mut command = tenure(folder.path(), &["pull", ONCE[0], ONCE[1]]);
        command.env("THE_TOKEN", TOKEN).env("THE_ACCOUNT_TOKEN", ACCOUNT_TOKEN).env("SSL_CERT_FILE", trusted);
        command.env_remove("SSL_CERT_DIR");
        command
    };
    let pull = |trusted: &str| {
        let output = command(trusted).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
        flat(&stderr(&output))
    };
    fs::write(folder.path().join("other.pem"), authority().pem()).unwrap();
    let said = pull("other.pem");
    assert!(said.contains("cannot be reached securely") && said.contains("`SSL_CERT_FILE`"), "{said}");
    let said = pull("ca.pem");
    assert!(said.contains("401") && !said.contains("SSL_CERT_FILE"), "{said}");
    // A file without certificates is the user's to correct, not the service's.
    fs::write(folder.path().join("none.pem"), "").unwrap();
    let output = command("none.pem").output().unwrap();
    let said = flat(&stderr(&output));
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("`SSL_CERT_FILE`"), "{said}");
}
