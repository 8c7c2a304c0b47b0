//! The loop: it owns the terminal, the client handle and the clock. What happens goes to [`update`], which alone changes the
//! model, and what comes out is done here. It sleeps while nothing happens.

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

/// The screen changes at most once in this time: faster than the eye, and it makes one drawing of a burst.
const FRAME: Duration = Duration::from_millis(16);

/// How many updates are taken before the keyboard is asked again.
const BURST: usize = 2000;

/// How long the end may take.
const LEAVE: Duration = Duration::from_secs(1);

/// How many answers wait for the loop. More are sent only as it takes them.
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

/// How the screen behaves.
#[derive(Clone, Copy, Debug)]
pub struct ScreenOptions {
    /// How the person is told of what names them.
    pub attention: Attention,
    /// By which means pictures are drawn.
    pub images: Means,
    /// Whether links are given to the terminal.
    pub links: Links,
}

/// Shows the screen until the person leaves.
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
                    // A key is answered at once.
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

    /// Hands something that happened to the model, and does what comes of it.
    async fn happens(&mut self, msg: Msg) -> anyhow::Result<()> {
        let mut happened = vec![msg];
        while let Some(msg) = happened.pop() {
            // A welcome bears the login, and that it cannot be kept matters more than what the welcome says.
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

    /// Does one thing. Answers what happened by that, if it is known at once.
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

    /// Starts the client, with what an earlier run could not send.
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

    /// The end: says on the shell what still waits.
    async fn leave(mut self) {
        if let Some(client) = self.client.take() {
            let _ = timeout(LEAVE, client.stop()).await;
        }
        // What the client still said, such as that a message is on disk.
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
        // The terminal is the shell's again.
        drop(self.screen);
        for line in words {
            complain(&line);
        }
    }
}

/// What came from the client since it was last asked, as one piece.
async fn next_burst(updates: &mut Option<mpsc::Receiver<Update>>) -> Vec<Msg> {
    let Some(receiver) = updates else { return std::future::pending().await };
    let mut burst = Vec::new();
    if receiver.recv_many(&mut burst, BURST).await == 0 {
        *updates = None;
    }
    burst.into_iter().map(Msg::Update).collect()
}

/// Ready at that time, or never.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
