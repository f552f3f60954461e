# Builds CPython from Debian's source package, once for each prefix, into /out/<prefix>.tar. Runs in a Debian container as root.
set -eu
cd /root
sed -n 's/^deb /deb-src /p' /etc/apt/sources.list > /etc/apt/sources.list.d/source.list
echo 'APT::Sandbox::User "root";' > /etc/apt/apt.conf.d/sandbox
apt-get update -qq
apt-get source -qq --download-only python3.13
apt-get install -qq --yes --no-install-recommends build-essential pkg-config libssl-dev libffi-dev libsqlite3-dev \
  libreadline-dev libbz2-dev liblzma-dev zlib1g-dev uuid-dev > /dev/null
tar xf python3.13_*.orig.tar.xz
cd [Pp]ython-3*/

# Little is optimised and nothing kept for a debugger: what counts is how it is laid out, not how fast it runs.
configured=$1
OPT='-DNDEBUG -O1' ./configure -q --prefix="$configured" --with-ensurepip --disable-test-modules
touch configured

for prefix in "$@"; do
  if [ "$prefix" != "$configured" ]; then
    # What knows the prefix is made anew; the rest is to look no older than what it was made from.
    sed -i "s|$configured|$prefix|g" config.status
    ./config.status -q
    make -s Makefile > /dev/null
    find . -type f -newer made -exec touch -r configured {} +
    rm Modules/getpath.o
  fi
  make -s -j2 > /dev/null
  touch made

  root=/out/root$prefix
  # No bytecode: it takes long, and would not be kept.
  make -s install DESTDIR="$root" COMPILEALL_OPTS=--help > /dev/null
  find "$root" -depth -name __pycache__ -exec rm -r {} +
  rm "$root$prefix"/lib/libpython3*.a "$root$prefix"/lib/python3*/config-*/libpython3*.a
  find "$root" -type f \( -name '*.so' -o -name 'python3.13' \) -exec strip {} +
  ln -s python3 "$root$prefix/bin/python"
  tar -C "$root" --owner=0 --group=0 --sort=name -cf "/out/$(echo "$prefix" | tr -d /).tar" ".$prefix"
  rm -r "$root"
done
