/**
 * Started as `sh -c <script> sh`, it waits for the first line of its input, which comes when the bounds of its control group are in force.
 */
export const waitingScript = 'read -r _ && exec "$@"';

/**
 * Runs in new namespaces before the command. Its arguments: a directory; the number of words that start what leads outside, and these words,
 * which are given the path of a file to make when it is ready; pairs of name and size of secrets; `--`; the program to start. In the places of
 * the host's devices and of /sys it puts a few harmless devices and nothing, and the secrets, which its input holds, into a file system in
 * memory. The mounts are gone with the namespaces.
 */
export const roomScript = `
set -eu
room=$1; shift
mount -t tmpfs -o mode=0755 tmpfs "$room"
mkdir "$room/dev" "$room/dev/pts" "$room/dev/shm" "$room/secrets"
for name in null zero full random urandom; do
  : > "$room/dev/$name"
  mount --bind "/dev/$name" "$room/dev/$name"
done
mount --bind /dev/pts "$room/dev/pts"
ln -s /proc/self/fd "$room/dev/fd"
ln -s fd/0 "$room/dev/stdin"
ln -s fd/1 "$room/dev/stdout"
ln -s fd/2 "$room/dev/stderr"
words=$1; shift
if [ "$words" -gt 0 ]; then
  ip link set lo up
  "$1" "$2" "$3" "$4" "$room/ready" < /dev/null &
  shift "$words"
  tries=0
  while [ ! -e "$room/ready" ] && [ "$tries" -lt 500 ]; do
    sleep 0.02
    tries=$((tries + 1))
  done
fi
while [ "$1" != -- ]; do
  head -c "$2" > "$room/secrets/$1"
  shift 2
done
shift
mount --rbind "$room/dev" /dev
mount -t tmpfs -o mode=0555 tmpfs /sys
exec "$@" < /dev/null
`;
