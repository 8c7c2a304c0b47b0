//! The loop: it owns the terminal, the client handle and the clock, hands what happens to
//! [`update`](crate::update::update), and does what comes out. It sleeps while nothing happens.

mod to_client;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chat_client::files::Files;
use chat_client::{Client, Update, nonce};
use chat_proto::account::LoggedIn;
use chat_proto::reply::Welcome;
use chat_proto::updates::Outgoing;
use chat_proto::{Millis, Token};
use crossterm::event::{Event, EventStream, MouseEventKind};
use futures_util::StreamExt;
use jiff::tz::TimeZone;
use ratatui::layout::Size;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until, timeout};

use self::to_client::to_client;
use crate::clean::Clean;
use crate::cli::{Identity, complain};
use crate::files;
use crate::keys::{Pressed, pressed};
use crate::links::Links;
use crate::model::form::{Form, Purpose};
use crate::model::timeline::Pending;
use crate::model::{Early, Model, Popup, Status};
use crate::msg::{Account, Effect, Msg, Upload};
use crate::parting;
use crate::pictures::{self, Canvas, Means, Picture};
use crate::screen::{Attention, Screen};
use crate::update::{update, wanted};

/// The screen changes at most once in this time: faster than the eye, and it makes one drawing of a burst.
const FRAME: Duration = Duration::from_millis(16);

/// How many updates are taken before the keyboard is asked again.
const BURST: usize = 2000;

/// How long the end may take.
const LEAVE: Duration = Duration::from_secs(1);

struct App {
    model: Model,
    screen: Screen,
    client: Option<Client>,
    updates: Option<mpsc::Receiver<Update>>,
    answers: mpsc::Sender<Msg>,
    identity: Identity,
    /// Who gets a picture now.
    turns: Arc<Semaphore>,
    /// The upload under way.
    upload: Option<AbortHandle>,
    quit: bool,
}

/// How the screen behaves.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
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
/// Where the terminal cannot be used.
pub async fn run(identity: Identity, room: Option<String>, manners: Manners) -> anyhow::Result<()> {
    let var = |name: &str| std::env::var(name).ok();
    let screen = Screen::take(manners.attention, manners.links.resolve(var))?;
    let mut model = Model::new(identity.endpoint.authority(), room, TimeZone::system(), nonce::new());
    model.size = screen.size();
    let means = manners.images.resolve(var);
    model.canvas = Canvas::new(means, model.size, screen.pixels());
    let (answers, mut answered) = mpsc::channel(64);
    let mut app = App {
        model,
        screen,
        client: None,
        updates: None,
        answers,
        identity,
        turns: Arc::new(Semaphore::new(1)),
        upload: None,
        quit: false,
    };
    if let Ok(opened) = app.identity.opened() {
        files::forget_opened(&opened);
    }
    app.model.now = now();
    match app.identity.name.clone() {
        Some(_) => app.connect().await,
        None => {
            // Nothing is tried before there is a name.
            app.model.status = Status::Offline { reason: Clean::line("not connected yet"), retry_at: None };
            let why = "A name is all it takes: no account, no password.";
            app.model.popup = Some(Popup::Form(Form::new(Purpose::Guest, &app.identity.suggestion(), why)));
        }
    }
    let result = app.live(&mut answered).await;
    app.leave().await;
    result
}

fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}

impl App {
    /// Starts the client, with what an earlier run could not send.
    async fn connect(&mut self) {
        self.model.asked_name.clone_from(&self.identity.name);
        let (options, problem) = self.identity.options_with_journal();
        self.model.unkept = None;
        if let Some(e) = problem {
            let why = Clean::line(&e.to_string());
            self.model.complain(&format!("Messages that wait here cannot be put on disk: {why}"));
            self.model.unkept = Some(why);
        }
        // Written before there was anyone to send them.
        let unsent = self.model.early_posts.clone();
        for entry in &options.waiting {
            let shown = Pending { is_kept: true, ..Pending::new(&entry.nonce, &entry.text) };
            if entry.room.is_empty() {
                self.model.early_posts.push(Early { shown, text: entry.text.clone() });
            } else {
                self.model.rooms.entry(entry.room.clone()).or_default().timeline.pending.push(shown);
            }
        }
        let (client, updates) = Client::start(options);
        for Early { shown, text } in unsent {
            client.post_as(Outgoing { nonce: shown.nonce, text, ..Outgoing::default() }).await;
        }
        (self.client, self.updates) = (Some(client), Some(updates));
    }

    async fn live(&mut self, answered: &mut mpsc::Receiver<Msg>) -> anyhow::Result<()> {
        let mut events = EventStream::new();
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let (mut dirty, mut drawn) = (true, Instant::now() - FRAME);
        while !self.quit {
            if dirty && drawn.elapsed() >= FRAME {
                self.model.now = now();
                for effect in wanted(&mut self.model) {
                    self.perform(effect).await?;
                }
                self.screen.draw(&self.model)?;
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
                        from_terminal(event).into_iter().collect()
                    }
                    // The terminal is gone.
                    Some(Err(_)) | None => return Ok(()),
                },
                burst = next_burst(&mut self.updates) => burst,
                Some(answer) = answered.recv() => vec![answer],
                () = at(tick) => vec![Msg::Tick],
                () = sleep_until(drawn + FRAME), if dirty => continue,
                _ = terminate.recv() => return Ok(()),
                _ = hang_up.recv() => return Ok(()),
                _ = interrupt.recv() => return Ok(()),
            };
            for msg in messages {
                self.model.now = now();
                let unsaved = match &msg {
                    Msg::Update(Update::Live(welcome)) => self.keep_login(welcome),
                    Msg::Account(asked, Ok(done)) => {
                        self.account(asked, done.as_ref()).await;
                        None
                    }
                    _ => None,
                };
                dirty = true;
                for effect in update(&mut self.model, msg) {
                    self.perform(effect).await?;
                }
                // It matters more than a welcome.
                if let Some(why) = unsaved {
                    self.model.complain(&why);
                }
            }
        }
        Ok(())
    }

    /// Keeps the login, or answers why it cannot be kept.
    fn keep_login(&self, welcome: &Welcome) -> Option<String> {
        self.keep(&welcome.user.name, welcome.token.as_ref()?)
    }

    fn keep(&self, name: &str, token: &Token) -> Option<String> {
        let e = self.identity.keep(name, token).err()?;
        Some(format!("Your login could not be saved, so you will be a new guest next time: {e}"))
    }

    /// What an account's form came to, for the connection.
    async fn account(&mut self, asked: &Account, done: Option<&LoggedIn>) {
        match (asked, done) {
            (Account::Register(_) | Account::LogIn(_), Some(done)) => {
                let same = self.model.me.as_ref().is_some_and(|me| me.id == done.user.id);
                self.identity.name = Some(done.user.name.clone());
                if let Some(why) = self.keep(&done.user.name, &done.token) {
                    self.model.complain(&why);
                }
                match &self.client {
                    Some(client) if same => {
                        client.use_token(done.token.clone()).await;
                        client.reconnect().await;
                    }
                    _ => {
                        self.disconnect().await;
                        self.model.forget_person("logging in");
                        self.connect().await;
                    }
                }
            }
            (Account::LogOut, _) => {
                if let Err(e) = self.identity.forget() {
                    self.model.complain(&format!("The login could not be deleted: {e}"));
                }
                self.disconnect().await;
                self.identity.name = None;
            }
            _ => {}
        }
    }

    /// The end: what waits is told on the shell.
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
                update(&mut self.model, Msg::Update(said));
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

    async fn disconnect(&mut self) {
        self.updates = None;
        if let Some(client) = self.client.take() {
            let _ = timeout(LEAVE, client.stop()).await;
        }
    }

    /// Asks about accounts, beside the connection.
    fn ask_account(&self, asked: Account) {
        let (accounts, token) = (self.identity.accounts(), self.identity.token());
        let answers = self.answers.clone();
        tokio::spawn(async move {
            let done = match (&asked, &token) {
                (Account::LogIn(who), _) => accounts.login(who).await.map(Some),
                (Account::Register(who), token) => accounts.register(who, token.as_ref()).await.map(Some),
                (Account::Password(change), Some(token)) => {
                    accounts.change_password(change, token).await.map(Some)
                }
                (Account::LogOut, Some(token)) => accounts.logout(token).await.map(|()| None),
                (Account::Password(_) | Account::LogOut, None) => Err("You are not logged in.".to_owned()),
            };
            // Where nobody takes it any more the program is at its end.
            let _ = answers.send(Msg::Account(asked, done)).await;
        });
    }

    /// Hands something to [`update`] as if it came from outside.
    fn answer(&self, msg: Msg) {
        let answers = self.answers.clone();
        tokio::spawn(async move { answers.send(msg).await });
    }

    /// Does something with the server's files, beside everything else, and tells what came of it.
    fn with_files<F: Future<Output = Result<String, String>> + Send + 'static>(
        &self,
        work: impl FnOnce(Files) -> F,
    ) {
        match self.identity.files() {
            Some(files) => {
                let (work, answers) = (work(files), self.answers.clone());
                tokio::spawn(async move { answers.send(Msg::Told(work.await)).await });
            }
            None => self.answer(Msg::Told(Err("You are not connected yet.".to_owned()))),
        }
    }

    /// Gets a picture, one after the other: decoding takes memory.
    fn picture(&self, url: String, size: Size) {
        let (Some(files), Some(canvas)) = (self.identity.files(), self.model.canvas) else { return };
        let (answers, turns) = (self.answers.clone(), self.turns.clone());
        tokio::spawn(async move {
            let _turn = turns.acquire().await;
            let picture = match files.fetch(&url, pictures::BYTES).await {
                Ok(content) => {
                    let prepare = move || Picture::of(&content, size, canvas).ok();
                    tokio::task::spawn_blocking(prepare).await.ok().flatten()
                }
                Err(_) => None,
            };
            let _ = answers.send(Msg::Picture(url, size, picture)).await;
        });
    }

    fn upload(&mut self, upload: Upload) {
        let Some(files) = self.identity.files() else {
            return self.answer(Msg::Uploaded(upload, Err("You are not connected yet.".to_owned())));
        };
        let answers = self.answers.clone();
        let task = tokio::spawn(async move {
            let (path, _) = files::path_and_text(&upload.typed);
            let name = Clean::line(&path.file_name().unwrap_or_default().to_string_lossy());
            let told = answers.clone();
            let progress = move |sent, size| {
                // Where too much is to be told, the next one tells it.
                let _ = told.try_send(Msg::Uploading(name.clone(), sent, size));
            };
            let done = files.upload(&path, progress).await;
            let _ = answers.send(Msg::Uploaded(upload, done)).await;
        });
        self.upload = Some(task.abort_handle());
    }

    async fn perform(&mut self, effect: Effect) -> anyhow::Result<()> {
        match effect {
            Effect::Quit => self.quit = true,
            Effect::Mouse(take) => self.screen.take_mouse(take)?,
            Effect::Redraw => self.screen.clear()?,
            Effect::Suspend => self.screen.suspend()?,
            Effect::Account(asked) => self.ask_account(asked),
            Effect::Attract(text) => self.screen.attract(&text)?,
            Effect::Upload(upload) => self.upload(upload),
            Effect::CancelUpload => {
                if let Some(upload) = self.upload.take() {
                    upload.abort();
                }
            }
            Effect::Save(wanted, to) => {
                self.with_files(move |files| async move { files::save(&files, &wanted, to.as_deref()).await })
            }
            Effect::Open(file) => match self.identity.opened() {
                Ok(cache) => {
                    self.with_files(move |files| async move { files::open(&files, &file, &cache).await });
                }
                Err(e) => self.answer(Msg::Told(Err(format!("The file cannot be opened: {e}.")))),
            },
            Effect::Picture(url, size) => self.picture(url, size),
            Effect::OpenLink(address) => self.answer(Msg::Told(files::open_link(&address))),
            Effect::ListPaths(typed) => {
                let paths = files::paths(&typed);
                self.answer(Msg::Paths(typed, paths));
            }
            Effect::Rename(name) => {
                self.identity.name = Some(name.clone());
                self.model.asked_name = Some(name.clone());
                match &self.client {
                    Some(client) => {
                        // What was typed meanwhile goes along.
                        if let Ok(base) = self.identity.outbox() {
                            client.keep_at(base).await;
                        }
                        client.rename(&name).await;
                    }
                    None => self.connect().await,
                }
            }
            effect => {
                if let Some(client) = self.client.clone() {
                    to_client(client, effect, self.answers.clone()).await;
                }
            }
        }
        Ok(())
    }
}

fn from_terminal(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) => Some(match pressed(&key)? {
            Pressed::Action(action) => Msg::Action(action),
            Pressed::Char(c) => Msg::Insert(c),
        }),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(width, height) => Some(Msg::Resize(width, height)),
        Event::FocusGained => Some(Msg::Focus(true)),
        Event::FocusLost => Some(Msg::Focus(false)),
        Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::ScrollUp => Some(Msg::Wheel { up: true }),
            MouseEventKind::ScrollDown => Some(Msg::Wheel { up: false }),
            _ => None,
        },
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
