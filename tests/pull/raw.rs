//! Servers that break the rules of HTTP, or its good manners.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// A server that answers every request alike.
pub(crate) struct Server {
    pub(crate) url: String,
    sent: Arc<AtomicUsize>,
}

impl Server {
    /// How many bytes somebody took from it.
    pub(crate) fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }
}

fn serve(answer: impl Fn(&mut TcpStream, &AtomicUsize) -> std::io::Result<()> + Send + Sync + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/api", listener.local_addr().unwrap());
    let sent = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&sent);
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let (answer, count) = (Arc::clone(&answer), Arc::clone(&count));
            std::thread::spawn(move || {
                let mut request = [0; 4096];
                let _read = stream.read(&mut request);
                let _gone = answer(&mut stream, &count);
            });
        }
    });
    Server { url, sent }
}

const GIBIBYTE: usize = 1 << 30;

/// Promises a body, and hangs up in the middle of it.
pub(crate) fn reset_in_mid_body() -> Server {
    serve(|stream, _| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{\"data\": [")
    })
}

/// Says beforehand how much there is.
pub(crate) fn gibibyte_announced() -> Server {
    serve(|stream, sent| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {GIBIBYTE}\r\n\r\n");
        stream.write_all(head.as_bytes())?;
        pour(stream, sent, |stream, block| stream.write_all(block))
    })
}

/// Does not say how much there is.
pub(crate) fn gibibyte_in_chunks() -> Server {
    serve(|stream, sent| {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes())?;
        pour(stream, sent, |stream, block| {
            stream.write_all(format!("{:x}\r\n", block.len()).as_bytes())?;
            stream.write_all(block)?;
            stream.write_all(b"\r\n")
        })
    })
}

/// Little on the wire, and a gibibyte once it is unpacked.
pub(crate) fn gibibyte_packed() -> Server {
    serve(|stream, sent| {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n\r\n";
        stream.write_all(head.as_bytes())?;
        let mut packed = flate2::write::GzEncoder::new(stream, flate2::Compression::fast());
        let block = vec![b' '; 1 << 16];
        for _ in 0..GIBIBYTE / block.len() {
            packed.write_all(&block)?;
            sent.fetch_add(block.len() / 1000, Ordering::SeqCst);
        }
        packed.finish().map(|_| ())
    })
}

fn pour(
    stream: &mut TcpStream,
    sent: &AtomicUsize,
    write: impl Fn(&mut TcpStream, &[u8]) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let block = vec![b' '; 1 << 16];
    for _ in 0..GIBIBYTE / block.len() {
        write(stream, &block)?;
        sent.fetch_add(block.len(), Ordering::SeqCst);
    }
    Ok(())
}
