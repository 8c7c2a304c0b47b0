//! The main loop. It owns the terminal, the client handle and the clock. Everything that happens goes to [`update`],
//! which alone changes the model, and the loop carries out the effects. While nothing happens, it sleeps.

mod account;
mod files;
mod server;
mod terminal;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chat_client::{Client, Update, nonce};
use chat_proto::Millis;
use chat_proto::updates::Outgoing;
use chat_screen::canvas::Canvas;
use chat_screen::layout;
use chat_screen::model::{Model, Setup};
use chat_screen::msg::{Effect, Msg, Started};
use chat_screen::update::update;
use crossterm::event::EventStream;
use futures_util::StreamExt;
use jiff::tz::TimeZone;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use self::files::FileWork;
use crate::exit::complain;
use crate::highlight::highlight;
use crate::identity::Identity;
use crate::links::Links;
use crate::parting;
use crate::pictures::Means;
use crate::screen::{Attention, Screen};

/// The minimum time between two drawings: shorter than the eye can see, and a burst of updates becomes one drawing.
const FRAME: Duration = Duration::from_millis(16);

/// The maximum number of updates handled before the keyboard is read again.
const BURST: usize = 2000;

/// How long shutting down may take.
const LEAVE: Duration = Duration::from_secs(1);

/// The capacity of the channel of replies to the loop. Senders wait while it is full.
const ANSWERS: usize = 64;

struct App {
    model: Model,
    screen: Screen,
    client: Option<Client>,
    updates: Option<mpsc::Receiver<Update>>,
    answers: mpsc::Sender<Msg>,
    identity: Identity,
    files: FileWork,
    quit: bool,
}

/// Options of the screen.
#[derive(Clone, Copy, Debug)]
pub struct ScreenOptions {
    /// How the person is notified of mentions.
    pub attention: Attention,
    /// The method for drawing pictures.
    pub images: Means,
    /// Whether links are passed to the terminal.
    pub links: Links,
}

/// Shows the screen until the person quits.
///
/// # Errors
/// If the terminal cannot be used.
pub async fn run(identity: Identity, room: Option<String>, options: ScreenOptions) -> anyhow::Result<()> {
    let var = |name: &str| std::env::var(name).ok();
    let screen = Screen::take(options.attention, options.links.resolve(var))?;
    let means = options.images.resolve(var);
    let model = Model::new(Setup {
        server: identity.endpoint.authority().to_owned(),
        room,
        zone: TimeZone::system(),
        nonces: nonce::new(),
        size: screen.size(),
        canvas: (means != Means::Off).then(|| Canvas::new(screen.size(), screen.pixels())),
        highlight,
        now: now(),
    });
    let (answers, mut answered) = mpsc::channel(ANSWERS);
    let files = FileWork::new(answers.clone(), means);
    let (client, updates, quit) = (None, None, false);
    let mut app = App { model, screen, client, updates, answers, identity, files, quit };
    if let Ok(opened) = app.identity.opened() {
        crate::files::forget_opened(&opened);
    }
    match app.identity.name {
        Some(_) => app.connect().await?,
        None => app.happens(Msg::NameWanted { suggestion: app.identity.suggestion() }).await?,
    }
    let result = app.live(&mut answered).await;
    app.leave().await;
    result
}

fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).map_or(Millis::MAX, Millis)
}

impl App {
    async fn live(&mut self, answered: &mut mpsc::Receiver<Msg>) -> anyhow::Result<()> {
        let mut events = EventStream::new();
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let (mut dirty, mut drawn) = (true, Instant::now() - FRAME);
        while !self.quit {
            if dirty && drawn.elapsed() >= FRAME {
                self.files.fetch_pictures(layout::pictures(&self.model), self.model.canvas, &self.identity);
                self.screen.draw(&self.model, self.files.gallery())?;
                (dirty, drawn) = (false, Instant::now());
            }
            let tick = self
                .model
                .next_tick()
                .map(|at| Instant::now() + Duration::from_millis(u64::try_from(at - now()).unwrap_or(0)));
            let messages = tokio::select! {
                event = events.next() => match event {
                    // Draw at once after a key.
                    Some(Ok(event)) => {
                        drawn = Instant::now() - FRAME;
                        terminal::message(event).into_iter().collect()
                    }
                    // The terminal is gone.
                    Some(Err(_)) | None => return Ok(()),
                },
                burst = next_burst(&mut self.updates) => burst,
                Some(answer) = answered.recv() => vec![answer],
                Some(picture) = self.files.next_picture() => {
                    self.files.keep_picture(picture);
                    Vec::new()
                }
                () = at(tick) => vec![Msg::Tick],
                () = sleep_until(drawn + FRAME), if dirty => continue,
                _ = terminate.recv() => return Ok(()),
                _ = hang_up.recv() => return Ok(()),
                _ = interrupt.recv() => return Ok(()),
            };
            dirty = true;
            for msg in messages {
                self.happens(msg).await?;
            }
        }
        Ok(())
    }

    /// Passes a message to the model and carries out the effects.
    async fn happens(&mut self, msg: Msg) -> anyhow::Result<()> {
        let mut happened = vec![msg];
        while let Some(msg) = happened.pop() {
            // The login comes with the welcome. If it cannot be saved, that matters more than what the welcome says,
            // so it is shown last.
            let unsaved = match &msg {
                Msg::Update(Update::Live(welcome)) => self.keep_login(welcome),
                _ => None,
            };
            for effect in update(&mut self.model, now(), msg) {
                happened.extend(self.perform(effect).await?);
            }
            happened.extend(unsaved.map(|why| Msg::Done(Err(why))));
        }
        Ok(())
    }

    /// Carries out one effect. Returns the message that results from it, if that is known at once.
    async fn perform(&mut self, effect: Effect) -> anyhow::Result<Option<Msg>> {
        match effect {
            Effect::Server(what) => self.perform_server(what).await,
            Effect::Screen(what) => {
                self.quit |= self.screen.perform(what)?;
                Ok(None)
            }
            Effect::Files(what) => {
                self.files.perform(what, &self.identity);
                Ok(None)
            }
            Effect::Account(what) => Ok(self.perform_account(what).await),
        }
    }

    /// Starts the client with the messages that an earlier run could not send.
    async fn connect(&mut self) -> anyhow::Result<()> {
        let started = self.start_client();
        Box::pin(self.happens(Msg::Started(started))).await
    }

    fn start_client(&mut self) -> Started {
        let (options, problem) = self.identity.options_with_journal();
        let waiting: Vec<Outgoing> = options.waiting.clone();
        let (client, updates) = Client::start(options);
        (self.client, self.updates) = (Some(client), Some(updates));
        Started { name: self.identity.name.clone(), waiting, unkept: problem.map(|e| e.to_string()) }
    }

    async fn disconnect(&mut self) {
        self.updates = None;
        if let Some(client) = self.client.take() {
            let _ = timeout(LEAVE, client.stop()).await;
        }
    }

    /// Ends the program, and prints on the shell which messages still wait.
    async fn leave(mut self) {
        if let Some(client) = self.client.take() {
            let _ = timeout(LEAVE, client.stop()).await;
        }
        // The client's last updates, for example that a message is on disk.
        while let Some(Ok(said)) = self.updates.as_mut().map(mpsc::Receiver::try_recv) {
            if matches!(
                said,
                Update::Kept { .. } | Update::Sent { .. } | Update::Event(_) | Update::Failed { .. }
            ) {
                update(&mut self.model, now(), Msg::Update(said));
            }
        }
        let (kept, lost): (Vec<_>, Vec<_>) = self.model.pending().partition(|pending| pending.is_kept);
        let words = parting::words(&self.identity, self.model.unkept.as_ref(), &kept, &lost);
        // This gives the terminal back to the shell.
        drop(self.screen);
        for line in words {
            complain(&line);
        }
    }
}

/// Returns the updates that arrived from the client since the last call.
async fn next_burst(updates: &mut Option<mpsc::Receiver<Update>>) -> Vec<Msg> {
    let Some(receiver) = updates else { return std::future::pending().await };
    let mut burst = Vec::new();
    if receiver.recv_many(&mut burst, BURST).await == 0 {
        *updates = None;
    }
    burst.into_iter().map(Msg::Update).collect()
}

/// Waits until this time, or for ever.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
