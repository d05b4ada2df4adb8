# Builds the archive that `packaging/source FOLDER` makes:
#
#   brew tap-new hearsay/local
#   cp packaging/homebrew/hearsay.rb "$(brew --repository hearsay/local)/Formula/"
#   export HOMEBREW_HEARSAY_SOURCE=FOLDER/hearsay-VERSION.tar.gz
#   brew install --build-from-source hearsay/local/hearsay
require "digest"

class Hearsay < Formula
  archive = ENV.fetch("HOMEBREW_HEARSAY_SOURCE")

  desc "Voice assistant that lives in the terminal"
  url "file://#{archive}"
  version File.basename(archive)[/\d+\.\d+\.\d+/]
  sha256 Digest::SHA256.file(archive).hexdigest
  license any_of: ["MIT", "Apache-2.0"]

  depends_on "rust" => :build

  def install
    system "cargo", "build", "--release", "--locked"
    system "packaging/install", "--prefix", prefix, "--program", "target/release/hearsay"
  end

  test do
    assert_match "4", pipe_output("#{bin}/hearsay --brain builtin", "what is 2 + 2?")
  end
end
