### What is said on Slack only: the Home tab, the admins' panel, and answers to commands.
### Rules as in en.ftl.

slack-only-in-private = I only work in private: open my direct message under Apps and send me a selfie there.
slack-answered-in-private = I've answered you in our direct message, under Apps.

## The Home tab

slack-home-title = Professional headshots from one selfie
slack-home-status = __Where we are.__
slack-home-start = Start
slack-home-privacy = How my photo is used
slack-home-delete = Erase my data
slack-privacy-title = How my photo is used
slack-close = Close

## The panel of a workspace's admins

slack-admin-title = For the admins of this workspace
# $people, $conversations, $making, $headshots (numbers)
slack-admin-counts =
    __Now:__ { $people ->
        [one] 1 person
       *[other] { $people } people
    }, { $conversations ->
        [one] 1 open conversation
       *[other] { $conversations } open conversations
    }, { $making ->
        [one] 1 order
       *[other] { $making } orders
    } under way, { $headshots ->
        [one] 1 headshot
       *[other] { $headshots } headshots
    } kept. You see numbers only: nobody's photos, and not who.
# $places, $photo, $headshots, $people, $daily, $looks, $contact
slack-admin-policy =
    __Headshots are made:__ { $places }

    __Kept:__ the picture I work from { $photo } at most, headshots { $headshots }

    __For:__ { $people }, __a day and person:__ { $daily }

    __Backgrounds:__ { $looks }

    __Questions about privacy go to:__ { $contact }
slack-admin-hosted = on our own server, or by the hosted service if the person chooses it
slack-admin-local = on our own server only
slack-admin-everybody = everybody in this workspace
# $n
slack-admin-listed = { $n ->
    [one] one person on the list
   *[other] { $n } people on the list
 }
slack-admin-unlimited = any number
slack-admin-house-contact = whoever runs this bot
slack-admin-change = Change the policy
slack-admin-audit = Export the audit log
slack-admin-erase = Erase the workspace
slack-admin-not-you = Only the person who installed the app, and the people they named, can do that.
slack-audit-alt = The audit log, a line for each entry, without anybody's name.

policy-title = Policy
policy-save = Save
policy-cancel = Cancel
policy-note = People are asked for consent again when a change concerns what happens to their photo. Time can only get shorter than whoever runs the bot allows.
policy-hosted = Where headshots may be made
policy-photo = The picture I work from is kept
policy-headshots = Headshots are kept
policy-people = Who may have headshots made (nobody named: everybody)
policy-admins = Who else may change this
policy-daily = Orders a day and person (0: any number)
policy-looks = Backgrounds on offer (none chosen: all)
policy-contact = E-mail address for questions about privacy
policy-contact-wrong = Please give an e-mail address, or leave it empty.
policy-daily-wrong = Please give a number from 0 to 100.

erase-workspace-title = Erase the workspace
erase-workspace-note = I erase everything of everybody in this workspace: photos, headshots, answers, my messages and this policy. People are told, and get a receipt. The app stays installed: to remove its token as well, remove the app in Slack.
# $word
erase-workspace-type = To go on, type: { $word }
erase-workspace-word = erase everything
erase-workspace-wrong = That's not what I asked you to type. Nothing was erased.
erase-workspace-button = Erase

## After installing, in the browser

slack-installed = WorkShot is installed. Open its Home tab in Slack to begin, and to set your workspace's policy.
slack-installed-title = Installed
slack-not-installed-title = Not installed
slack-not-installed = WorkShot was not installed. Please start again from the install link, in the same browser, within ten minutes.
slack-no-organisation = WorkShot can't be installed for a whole organisation yet. Please install it in a single workspace.
slack-open = Open Slack
slack-start-again = Start again
