### Everything a person can read, in English.
### Rules: sentences of at most fifteen words where possible; one question a message; verbs on
### buttons; no exclamation mark in a warning; say a thing is done only when it is done.
### Variables are named in the comment above the text that uses them.

## Welcome and help

# $bot, $variants, $questions (how many consent questions), $photo-time, $headshot-time
welcome =
    Hi, I'm { $bot }. I'm an automated AI service, not a person.

    Send me one selfie and I'll make { $variants } professional headshots that still look like you. They're for LinkedIn, a resume, a business profile or a company bio.

    First I'll ask { $questions } short questions. Your photo goes nowhere until you answer.

    I keep the picture I work from for { $photo-time } at most, and the headshots for { $headshot-time }. To erase everything sooner, send /delete.
welcome-start = Start
welcome-privacy = How my photo is used

ask-for-selfie =
    Please send me one selfie: just you, facing a window, head and shoulders in view.

    Glasses and head coverings are fine. I won't open it before you have answered two questions.
ask-for-other-selfie = Please send me another photo. I've let go of the last one.

help =
    Send me a selfie and I'll guide you from there.

    __/new__ start over with another photo
    __/status__ where we are
    __/cancel__ stop, and erase all but finished headshots
    __/privacy__ seven straight answers
    __/mydata__ a copy of what I hold
    __/language__ the languages I speak
    __/stop__ withdraw your consent
    __/delete__ erase everything, with a receipt

# $name (of the language, in itself)
language-only = I speak { $name } so far. Other languages will follow.
language-name = English

## What a platform shows before anybody has written

# 120 characters at most
intro-about = One selfie in, professional headshots out. It asks first, and /delete erases everything.
# 512 characters at most. $photo-time, $headshot-time
intro-description =
    I turn one selfie into professional headshots that still look like you, for LinkedIn, a resume, a business profile or a company bio.

    I'm an automated AI service, not a person. First I ask a few short questions. Your photo goes nowhere until you answer. I keep the picture for { $photo-time } at most, and the headshots for { $headshot-time }. /delete erases everything, with a receipt.
command-start = what this is
command-help = what I can do
command-new = start over with another photo
command-status = where we are
command-cancel = stop, and erase all but finished headshots
command-privacy = seven straight answers
command-mydata = a copy of what I hold
command-language = the languages I speak
command-stop = withdraw your consent
command-delete = erase everything, with a receipt
# Said in a group, before leaving it
private-only = I work in private chats only, because it's about photos of people. Please write to me directly.
# Said before a message that may have arrived already
said-again = In case this didn't reach you:

## Words that are understood when typed, comma-separated

words-yes = yes, y, yeah, yep, sure, ok, okay, agree, i agree
words-no = no, n, nope, nah
words-delete = delete, erase, erase everything, delete everything, delete my data, erase my data
words-hello = hello, hi, hey, start, good morning, good afternoon, good evening
words-help = help, ?
words-cancel = cancel
words-stop = stop
words-status = status
words-privacy = privacy

## Consent questions
# $number, $total: "1 of 3"

ask-self =
    __{ $number } of { $total }. Is this photo of you, and are you 18 or older?__

    Only you can agree to use your face.
self-yes = Yes, it's me and I'm 18+
self-no = No

ask-purpose =
    __{ $number } of { $total }. Will you use the headshots only as yourself, for professional profiles?__

    Not for ID documents, jokes, or looking like someone else.
purpose-yes = Yes, only as me
purpose-no = No

# $host
ask-where-local =
    __{ $number } of { $total }. This is the exact picture I'd use. Shall I make your headshots from it?__

    I make them on { $host }. Outside this chat nobody gets this picture. To frame it and to check eyes, pose and the results I'll find the points of your face, in memory only.

    It's cropped and has no hidden data such as place and time. I didn't keep the rest.
where-here = Use this picture

# $recipient, $country, $processors (who made the model, such as "Google"), $host
ask-where-hosted =
    __{ $number } of { $total }. This is the exact picture I'd use. Where may I make your headshots?__

    { $recipient } ({ $country }) gives the best result, with AI by { $processors }. They get this picture and no name. { $recipient } removes it within about an hour; { $processors } has its own terms.

    Or I work on { $host }: a simpler result, and nobody else gets it. I do so too when { $recipient } can't.

    Background and hidden data are gone. On { $host } I find the points of your face, in memory only, to check eyes, pose and the results and to frame it there.
# $recipient
where-hosted = Send to { $recipient }
# $host
where-local = Keep it on { $host }
where-different = Different photo
where-erase = Erase
where-alt = The cropped photo: your head and shoulders, upright, as it would be used.

ask-likeness =
    __{ $number } of { $total }. May I measure your face for a moment to check the results look like you?__

    The measurement (biometric data) stays in memory for this order only. It's never stored or shared. If you skip, you check by eye.
likeness-yes = Yes, check
likeness-skip = Skip the check

# $receipt
ask-look =
    __Thanks. That's recorded.__ Receipt { $receipt }. Change your mind at any time with /stop.

    Now pick a background. You'll get it in three sizes, and one more background to compare.
ask-look-again = Pick another background.
look-grey = Classic grey
look-white = Clean white
look-navy = Deep navy
look-warm = Warm studio
look-charcoal = Charcoal
look-office = Modern office
look-own = Your own background, blurred

## Questions about what is in the photo
## The first answer leads on; the picture beside the question shows how.

ask-people =
    __I can see another person.__

    I can cut them off, as this picture shows. Are you the one in it? Or send a photo of just you.
people-alt = The photo cut to one person; others are left out or made unrecognisable.
ask-badge =
    __I can see a badge or name tag.__

    It may tell more than a headshot should. I've blurred it in this picture. Shall I use it like that?
badge-alt = Your cropped photo with the badge blurred.
ask-code =
    __I can see a barcode or QR code.__

    Anyone could read it from a picture. I've blurred it in this one. Shall I use it like that?
code-alt = Your cropped photo with the code blurred.
ask-writing =
    __There's a screen or paper with writing in view.__

    It may be private. I've blurred it in this picture. Shall I use it like that?
writing-alt = Your cropped photo with the writing blurred.
ask-screenshot =
    __This looks like a screenshot or a published picture.__

    I only work with people's own photos. Is it your own photo of yourself?
ask-ai-made =
    __This photo is already labelled as AI-made.__

    A real photo gives a truer result.
ask-turned =
    __Your face is turned a little to the side.__

    Looking at the camera works better for a profile picture.
ask-eyes-closed =
    __Your eyes look closed in this photo.__

    Headshots made from it would have them closed too.
doubt-blur = Blur it
doubt-crop = Crop to me
doubt-keep = It's not private
doubt-mine = Yes, mine
doubt-anyway = Use it anyway
doubt-different = Different photo
doubt-erase = Erase

# What was done without a question; told with question 3
fixed-faces-hidden = I made the other faces in it unrecognisable.
fixed-writing-gone = There was writing behind you. It went with the background.
told-unchecked = I couldn't finish the safety check. So this picture stays on { $host }. Please look closely, or send the photo again.

## Checking, making, delivering

progress-checking = Checking your photo on { $host }.
progress-checked = I've checked your photo.
progress-queued = Step 1 of 4: waiting for a free place.
progress-reading = Step 1 of 4: reading the picture.
progress-cutting = Step 2 of 4: separating you from the background.
progress-lighting = Step 3 of 4: balancing light and colour.
progress-finishing = Step 4 of 4: finishing your headshots.
progress-again = Some of them didn't show you as you are. I've thrown those away and make them once more.
# $recipient
progress-sending = Step 1 of 4: sending the picture to { $recipient }.
progress-making = Step 2 of 4: { $recipient } is making your headshots. That usually takes less than a minute.
# $recipient, $host
progress-instead = Step 2 of 4: I can't get them from { $recipient } now, so I'm making them on { $host }.
# $recipient
ask-slow = { $recipient } is taking longer than usual. You don't need to wait here: I'll send your headshots when they're ready.
slow-patient = All right. I'll send your headshots when they're ready.
slow-wait = Keep waiting
# $host
slow-here = Use { $host }
slow-cancel = Cancel and erase
progress-made = Your headshots are made.
progress-stopped = Stopped.
cancel-order = Cancel

# What is said with finished headshots: a row of these, each where it is true
# $variants
results = { $variants ->
    [one] __Your headshot is ready.__
   *[other] __Your { $variants } headshots are ready.__
 }
results-by-here = I changed light, background and framing, nothing about your face. Use one only if you'd be recognised from it.
# $recipient, $processors
results-by-hosted = AI made these from your picture, at { $recipient }. Look closely: face, skin, hair, age, glasses. Use one only if you'd be recognised from it.
# $host, $recipient
results-by-instead = Our own server made these ({ $host }); { $recipient } was unavailable. I changed light, background and framing, nothing about your face.
results-by-cap = Our own server made these ({ $host }): what may be spent on { $recipient } is used up for today. I changed light, background and framing, nothing about your face.
# $kept, $made
results-compared = { $kept ->
    [one] One of { $made } passed the likeness check. I left out the rest.
   *[other] { $kept } of { $made } passed the likeness check. I left out the rest.
 }
results-compared-all = All of them passed the likeness check.
results-not-compared = I didn't check the likeness, as you asked.
# $n
results-left-out = { $n ->
    [one] I left out one that changed your skin, your eyes or the shape of your face.
   *[other] I left out { $n } that changed your skin, your eyes or the shape of your face.
 }
results-label = Each file says how it was made (IPTC label, Content Credentials), signed by this service. Please leave that in. To say it in public, copy this line:
disclosure-generated = Profile picture created with AI from a photo of me.
disclosure-composite = Profile picture: a real photo of me, its background replaced by software.
disclosure-enhanced = Profile picture: a real photo of me, edited by software.
# $headshot-time
results-until = I erase these in { $headshot-time }. Save what you want.
results-own =
    Your hair or outline was hard to separate here. So I kept your own background, strongly blurred. For a studio background, try a photo in front of a plain wall.
again = Another background
again-not-me = Not me
again-closer = More like my photo
badge = Add a visible AI badge
badge-generated = AI-generated
badge-composite = AI-edited
badge-enhanced = AI-edited
badge-making = I'm making copies with a small badge in the corner.
badge-ready = Here are copies with a badge. They go when the others go.
badge-failed = I couldn't make copies with a badge this time. The headshots themselves are fine.
again-there = I'm sorry. I'm making them once more, closer to your photo. It costs you nothing.
again-here = I'm sorry. I'm making them on { $host } now, closer to your photo. It costs you nothing.
again-exhausted = I'm sorry. These already change as little as I can. A photo facing a window may work better.
done = I'm done
erase-now = Erase now
# $look, $format, $number, $total
headshot-alt = Headshot of you, head and shoulders. Background: { $look }. Size: { $format }. Picture { $number } of { $total }.
format-linkedin = LinkedIn square
format-resume = resume, 4 to 5
format-bio = company bio, 3 to 4

# $headshot-time
done-said = I've erased the picture I worked from. The headshots go in { $headshot-time }, or sooner with /delete.
photo-expired = I've erased the picture I worked from, as promised. For more headshots, send a selfie again.
headshots-expired-some = I've erased your earlier headshots, as promised.
making-failed = I couldn't make your headshots this time. Pick a background to try again.
making-unlike = I made headshots, but none showed you as you are, so I threw them away. Pick a background to try again.
selfie-withdrawn = You took your photo back, so I've erased the picture I made from it.
selfie-lost = I couldn't get the photo from the chat. Please send it again.
still-making = I'm still making your headshots. You can wait, or tap Cancel.
cancelled = Stopped. I've let go of the photo.
stopped = You've withdrawn your consent. I've let go of the photo and your answers, and start nothing more.

## What is wrong with a photo, one sentence and one tip each

photo-empty = That file was empty. Please send the photo once more.
# $limit (megabytes)
photo-too-big = That file is too large for me. Please send one under { $limit } MB.
photo-not-an-image = That isn't a picture I can read. Please send a photo as JPEG, PNG or WebP.
photo-unsupported-kind = I can't use that kind of picture. Please send a photo as JPEG, PNG or WebP.
photo-heic = That's a HEIC photo, which I can't open. Please send it as JPEG, or take a screenshot of it.
photo-animated = That picture moves. Please send a single still photo.
photo-damaged = That picture is damaged or cut off. Please send it once more.
photo-too-many-pixels = That picture has too many pixels for me. Please send one under 120 megapixels.
photo-too-few-pixels = That picture is too small. Please send the original photo, not a thumbnail.
photo-no-face = I can't see a face. Please face the camera, with your whole head in view.
photo-several-faces = I can see another person. Please send a photo of just you.
photo-face-too-small = Your face is too small in this photo. Please come closer, about at arm's length.
photo-too-dark = It's too dark to see your face well. Please face a window or a lamp.
photo-blurred = The photo is blurred. Please hold the camera still and tap on your face to focus.
photo-turned-away = Your face is turned too far to the side. Please look towards the camera.
photo-cut-off = Part of your face is outside the photo. Please keep your whole head in view.
photo-id-document = This looks like an ID or an official document, so I've erased it. Please send a plain selfie instead.
# $recipient
photo-declined = The automatic filter at { $recipient } didn't take this picture, which happens by mistake and says nothing about you. Please send a different photo.
photo-cannot-check = I couldn't finish checking that photo, so I haven't used it. Please send it once more.

## Privacy: seven straight answers

# $version, $photo-time, $headshot-time, $host, $controller, $contact-line, $handlers, $provider-terms
privacy =
    __Seven straight answers__ (version { $version })

    __1. What is my photo used for?__ To make your headshots and to check that the photo can be used. Nothing else.

    __2. Is it used to train AI?__ Never. We train nothing on it and ask nobody to. { $provider-terms }

    __3. How long is it kept?__ The picture I work from: until you're done, { $photo-time } at most. Headshots: { $headshot-time }. The points and any measurement of your face: in memory only, never stored.

    __4. Can I delete it?__ Yes. Send /delete at any time. You get a signed receipt.

    __5. Is it public?__ No. I only answer you here, in this private chat.

    __6. Who else handles it?__ { $handlers }

    __7. Who do I ask?__ { $contact-line }

    Your rights: /mydata for a copy, /stop to withdraw, /delete to erase.
privacy-terms-local = Your photo never leaves { $host }.
# The same where a chat service carries the photo
privacy-terms-carried = All the work is done on { $host }.
# $carriers (names, comma-separated)
privacy-carriers = The chat service you use ({ $carriers }) carries and keeps our messages, under its own terms.
# $recipient, $processors
privacy-terms-hosted = What { $recipient } and { $processors } may do with a picture is in their own terms: replicate.com/terms.
# $host
privacy-handlers-local = No one else. Everything happens on { $host }.
# $host, $recipient, $country, $processors
privacy-handlers-hosted = { $recipient } ({ $country }), with AI by { $processors }, makes the pictures, only if you choose that. It removes them within about an hour. Everything else happens on { $host }.
# Who has what was sent, when the installation does not offer it any more
somebody = The hosted service
# $controller, $contact
privacy-contact = { $controller }, { $contact }. You can also complain to your data protection authority.
# $controller
privacy-contact-none = { $controller }. They gave no e-mail address here. You can also complain to your data protection authority.
privacy-erase = Erase my data

mydata-packing = I'm gathering a copy of what I hold about you.
mydata-ready = Here is a copy of what I hold about you: pictures, answers and this conversation. I erase this archive in { $photo-time } at most.
mydata-nothing = I hold no photo and no answers of yours, only the messages of this chat. They go within a day, or at once with /delete.
mydata-alt = An archive with your consent record, your pictures, and what is kept where.

## Erasing

# $photos (0 or 1), $headshots
confirm-erase =
    __Erase everything I hold about you?__

    That's { $photos ->
        [0] no photo
        [one] one photo
       *[other] { $photos } photos
    }, { $headshots ->
        [0] no headshots
        [one] one headshot
       *[other] { $headshots } headshots
    }, your answers and this conversation. It can't be undone. Save your headshots first.
erase-yes = Erase everything
erase-keep = Keep it
kept = Nothing was erased.

# $receipt, $counts (a sentence part such as "3 photos, 1 key"), $key, $remains
erased-asked =
    __Erased.__ Receipt { $receipt }.

    Gone from { $host }: { $counts }. { $key }

    { $remains }

    Send a selfie whenever you want to start again.
erased-key = The key that opened them is destroyed, so a copy in a backup can't be read either.
# $n
erased-chat = { $n ->
    [one] From this chat I removed one message.
   *[other] From this chat I removed { $n } messages.
 }
erased-nothing-sent = Nothing was sent to anyone else.
# $recipient
erased-nothing-there = { $recipient } has no picture of you from here now.
erased-remains = What remains: a log entry that can't be traced to you, and the receipt in your hands.
# What is out of our reach; $until (a time of day, or empty)
remains-chat = Also the messages in this chat: the service that runs it didn't answer. You can delete the chat yourself.
remains-theirs-on-slack = Also what you sent here yourself: I can't remove your photo from Slack. You can: open the file's menu and choose Delete file. Your workspace may keep copies of its own.
remains-kept-by-slack = Also some of my messages here: your workspace doesn't let me delete them.
remains-chat-old = Also the messages in this chat that are older than 48 hours: they are out of my reach. You can delete the chat yourself.
remains-chat-unknown = Also, perhaps, a message in this chat whose sending was cut off. If you see one, you can delete it.
# $until, $recipient, $processors
remains-provider = Also what was sent to { $recipient }: nothing runs there any more, and it removes the picture by itself by { $until }. I'll confirm it here. For { $processors } its own terms apply.
# $receipt, $recipient
removal-confirmed = { $recipient } has confirmed that the picture is removed. Receipt { $receipt } is complete.
removal-unconfirmed = { $recipient } hasn't confirmed that the picture is removed, though its rules say it is by now. Receipt { $receipt } stays as it was. I've let go of everything and stop asking.
erased-not-theirs = Then I can't use it, and I've erased everything. If it's someone else, please let them message me themselves.
erased-not-professional = I can only help with professional headshots of you. I've erased everything.
erased-declined = All right. I've erased everything. Send a selfie whenever you want to start again.
erased-withdrawn = You've withdrawn your consent, and I've erased everything. Send a selfie whenever you want to start again.
erased-dismissed = The people who run this workspace had me erase everything here. Receipt { $receipt }.
erased-headshots-expired = As promised, I've erased your headshots and everything else. Receipt { $receipt }. Send a selfie whenever you want new ones.
erased-conversation-expired = We stopped half-way a while ago, so I've erased everything. Receipt { $receipt }. Send a selfie whenever you like.
erasing-slow = I've stopped using your data, but one step isn't finished. I'll keep trying and tell you here.
count-photos = { $n ->
    [one] one sealed file
   *[other] { $n } sealed files
 }
count-keys = { $n ->
    [one] your key
   *[other] { $n } keys
 }
count-conversations = { $n ->
    [one] the conversation
   *[other] { $n } conversations
 }
count-messages = { $n ->
    [one] one message
   *[other] { $n } messages
 }
count-nothing = nothing was left

## Everything else

changed = That question has changed. Here is where we are.
not-understood = I didn't understand that. Please tap an answer, or type it.
idle-hint = Send me a selfie to begin, or /help for what I can do.
photo-while-busy = One photo at a time. I'm working with the one you sent before; /new starts over.
not-admitted = The people who run this workspace haven't switched headshots on for you. Please ask them.
daily-limit = You've had today's headshots. The people who run this workspace set that limit. Please come back tomorrow.
photo-replaced = I'll use this photo instead.
photo-one-of-several = One photo at a time. I'll use the first one you sent.

status-waiting = I'm waiting for a selfie. I hold no photo of you.
status-consenting = A question is open. Here it is again.
status-checking = I'm checking your photo.
status-choosing = I'm waiting for you to pick a background.
status-making = I'm making your headshots.
# $hours
status-delivered = { $hours ->
    [one] Your headshots are ready. I erase them in about one hour.
   *[other] Your headshots are ready. I erase them in about { $hours } hours.
 }
status-idle = I hold no photo and no answers of yours. Send a selfie to begin.

# $n
time-hours = { $n ->
    [one] one hour
   *[other] { $n } hours
 }
time-minutes = { $n ->
    [one] one minute
   *[other] { $n } minutes
 }
