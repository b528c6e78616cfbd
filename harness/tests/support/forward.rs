//! Small proxies on the loopback interface: HTTP for plain requests, and SOCKS 5.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// What a proxy speaks.
#[derive(Clone, Copy)]
pub enum Kind {
    Http,
    Socks,
}

/// A proxy that leads everything to `upstream`, and keeps where it was asked to go.
pub struct Forward {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    asked: Arc<Mutex<Vec<String>>>,
    accepting: Option<JoinHandle<()>>,
}

impl Forward {
    pub fn start(kind: Kind, upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let stop = Arc::new(AtomicBool::new(false));
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let accepting = {
            let (stop, asked) = (Arc::clone(&stop), Arc::clone(&asked));
            thread::spawn(move || {
                for near in listener.incoming().flatten() {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    let asked = Arc::clone(&asked);
                    thread::spawn(move || {
                        // Whoever hangs up early is not served.
                        let _ = serve(kind, near, upstream, &asked);
                    });
                }
            })
        };
        Self {
            address,
            stop,
            asked,
            accepting: Some(accepting),
        }
    }

    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// The first lines of the requests, or the hosts that were asked for; and what authenticates.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("what was asked").clone()
    }
}

impl Drop for Forward {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        if let Some(accepting) = self.accepting.take() {
            drop(accepting.join());
        }
    }
}

fn serve(
    kind: Kind,
    mut near: TcpStream,
    upstream: SocketAddr,
    asked: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    near.set_nodelay(true)?;
    if let Kind::Socks = kind {
        let host = socks(&mut near)?;
        asked.lock().expect("what was asked").push(host);
    }
    let far = TcpStream::connect(upstream)?;
    far.set_nodelay(true)?;
    let back = (far.try_clone()?, near.try_clone()?);
    thread::spawn(move || pass(back.0, back.1, |_| {}));
    pass(near, far, |bytes| {
        if let Kind::Http = kind {
            let text = String::from_utf8_lossy(bytes);
            let lines = text.lines().filter(|line| {
                let line = line.to_ascii_lowercase();
                line.contains(" http/1.1") || line.starts_with("proxy-authorization")
            });
            asked
                .lock()
                .expect("what was asked")
                .extend(lines.map(str::to_owned));
        }
    });
    Ok(())
}

/// RFC 1928: a greeting without authentication, and one CONNECT.
fn socks(near: &mut TcpStream) -> std::io::Result<String> {
    let mut head = [0; 2];
    near.read_exact(&mut head)?;
    near.read_exact(&mut vec![0; usize::from(head[1])])?;
    near.write_all(&[5, 0])?;
    let mut request = [0; 4];
    near.read_exact(&mut request)?;
    let host = match request[3] {
        1 => {
            let mut address = [0; 4];
            near.read_exact(&mut address)?;
            Ipv4Addr::from(address).to_string()
        }
        _ => {
            let mut length = [0];
            near.read_exact(&mut length)?;
            let mut name = vec![0; usize::from(length[0])];
            near.read_exact(&mut name)?;
            String::from_utf8_lossy(&name).into_owned()
        }
    };
    near.read_exact(&mut [0; 2])?;
    near.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
    Ok(host)
}

fn pass(mut from: TcpStream, mut to: TcpStream, see: impl Fn(&[u8])) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        see(&buffer[..count]);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    drop(to.shutdown(Shutdown::Write));
}
