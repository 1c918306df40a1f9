//! The program around the pages: the address, and the end by Ctrl-C.

use std::env;
use std::io::{self, Write};
use std::net::Ipv4Addr;

use axum::Router;
use tokio::net::TcpListener;

use super::database::Done;

const PORT: u16 = 3000;

/// Serves on this machine's own address until Ctrl-C; the environment's `PORT` may be 0, for any.
pub(crate) async fn serve(app: Router) -> Done<()> {
    let port = match env::var("PORT") {
        Ok(port) => port
            .parse()
            .map_err(|error| format!("PORT={port}: {error}"))?,
        Err(_) => PORT,
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    let listener =
        listener.map_err(|error| format!("port {port}: {error}; PORT=0 takes a free one"))?;
    println!("http://{}/", listener.local_addr()?);
    io::stdout().flush()?;
    let end = async { drop(tokio::signal::ctrl_c().await) };
    Ok(axum::serve(listener, app)
        .with_graceful_shutdown(end)
        .await?)
}
