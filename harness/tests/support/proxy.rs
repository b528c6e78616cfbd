//! Stands between tokenspec and a server, passes bytes on, and keeps a copy of them.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// Bytes of one connection in one direction.
type Kept = Arc<Mutex<Vec<u8>>>;

/// What passes between tokenspec and the server at `upstream`.
pub struct Recorder {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    kept: Arc<Mutex<Vec<Kept>>>,
    accepting: Option<JoinHandle<()>>,
}

impl Recorder {
    pub fn start(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let stop = Arc::new(AtomicBool::new(false));
        let kept: Arc<Mutex<Vec<Kept>>> = Arc::default();
        let accepting = {
            let (stop, kept) = (Arc::clone(&stop), Arc::clone(&kept));
            thread::spawn(move || {
                for near in listener.incoming().flatten() {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    let Ok(far) = TcpStream::connect(upstream) else {
                        continue;
                    };
                    for (from, to) in [(&near, &far), (&far, &near)] {
                        let copy = Kept::default();
                        kept.lock().expect("the record").push(Arc::clone(&copy));
                        let from = from.try_clone().expect("a socket");
                        let to = to.try_clone().expect("a socket");
                        thread::spawn(move || pass(from, to, &copy));
                    }
                }
            })
        };
        Self {
            address,
            stop,
            kept,
            accepting: Some(accepting),
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything so far, each connection and direction by itself.
    pub fn traffic(&self) -> Vec<Vec<u8>> {
        let kept = self.kept.lock().expect("the record");
        kept.iter()
            .map(|copy| copy.lock().expect("a copy").clone())
            .collect()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        if let Some(accepting) = self.accepting.take() {
            drop(accepting.join());
        }
    }
}

/// Passes on what comes; a copy is kept before it goes out.
fn pass(mut from: TcpStream, mut to: TcpStream, copy: &Mutex<Vec<u8>>) {
    drop(to.set_nodelay(true));
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        copy.lock()
            .expect("a copy")
            .extend_from_slice(&buffer[..count]);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    drop(to.shutdown(Shutdown::Write));
}
