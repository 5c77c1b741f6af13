//! Requests whose end can be seen in two places: what a proxy takes for a body must never be read as a request.

use newswire::serve::{Answers, Limits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::serve::{Wire, page};

/// What would be asked, if it were read as a request.
const HIDDEN: &str = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";

/// Sends `request` on one connection and gives all that comes back, until it is closed.
async fn answers(wire: &Wire, request: &str) -> String {
    let mut stream = TcpStream::connect(wire.address).await.unwrap();
    let _ = stream.write_all(request.as_bytes()).await;
    // An honest last request: a connection that is still open answers it, and closes.
    let _ = stream.write_all(b"GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A wire on which every address has a document that names it.
async fn wire() -> Wire {
    let wire = Wire::with("https://wire.example.org/", Limits::default(), Answers::default()).await;
    wire.released.replace(vec![page(""), page("hidden"), page("last")], &[]);
    wire
}

/// Fails where the hidden request was answered. Says how the first one was.
async fn plays(heads: &[&str]) -> Vec<String> {
    let wire = wire().await;
    let mut told = Vec::new();
    for head in heads {
        let answer = answers(&wire, &format!("{head}{HIDDEN}")).await;
        assert!(!answer.contains("<p>hidden"), "{head:?}: {answer}");
        told.push(answer.split(' ').nth(1).unwrap_or("closed").to_owned());
    }
    told
}

pub async fn both() -> String {
    let heads = [
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 34\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 34\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /hub HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ];
    let told = plays(&heads).await;
    format!("answered {} and closed: nothing behind the chunks is read", told.join(", "))
}

pub async fn ambiguous() -> String {
    let heads = [
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 34\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0, 34\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0;x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n\r\n",
    ];
    let mut told = plays(&heads).await;
    told.sort();
    told.dedup();
    format!("{} of {} answered {}, and nothing behind them", heads.len(), heads.len(), told.join(" or "))
}
