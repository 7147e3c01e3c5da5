// Taking a photo: the phone's own camera app where there is one, else a small booth in the page.
//
// The picture is taken from the video as it is; only what the person sees is mirrored.

const booth = document.querySelector("#booth");
const video = document.querySelector("#booth-video");
const text = document.querySelector("#booth-text");
const shoot = document.querySelector("#booth-shoot");
const HINT = text.textContent;

function stop() {
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
  shoot.disabled = true;
}

/** Open the camera; `take` gets the photo as a blob. `fallback` is the capturing file input. */
export async function openBooth(fallback, take) {
  const phone = matchMedia("(pointer: coarse)").matches;
  if (phone || !navigator.mediaDevices?.getUserMedia) {
    fallback.click();
    return;
  }
  text.textContent = HINT;
  booth.showModal();
  shoot.onclick = () => {
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob((blob) => blob && take(blob), "image/jpeg", 0.95);
    booth.close();
  };
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "user", width: { ideal: 1920 }, height: { ideal: 1440 } },
    });
    video.srcObject = stream;
    if (!booth.open) {
      stop();
      return;
    }
    await video.play();
    shoot.disabled = false;
    shoot.focus();
  } catch {
    text.textContent = "The camera can't be used here. Please choose a photo instead.";
  }
}

document.querySelector("#booth-close").onclick = () => booth.close();
booth.addEventListener("close", stop);
