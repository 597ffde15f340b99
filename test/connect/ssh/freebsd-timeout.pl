#!/usr/bin/env perl
# `timeout` as FreeBSD has it: without --foreground it waits for all that its command leaves running, and kills that, too.
use strict;
use warnings;
use Config;

my $is_foreground = 0;
while (@ARGV && $ARGV[0] =~ /^-/) {
  my $flag = shift;
  $is_foreground = 1 if $flag eq '--foreground';
  shift if $flag eq '-s';
}
my $seconds = shift;

# What its children leave behind becomes its own: PR_SET_CHILD_SUBREAPER.
syscall($Config{archname} =~ /^aarch64/ ? 167 : 157, 36, 1, 0, 0, 0) unless $is_foreground;

my $command = fork // die "fork: $!\n";
if ($command == 0) {
  exec @ARGV;
  exit 127;
}
my ($status, $is_late) = (0, 0);
my $kill = sub { kill 'KILL', $is_foreground ? $command : split ' ', `pgrep -P $$` };
$SIG{ALRM} = sub { $is_late = 1; $kill->() };
alarm $seconds;
for (;;) {
  my $ended = waitpid -1, 0;
  last if $ended == -1;
  $status = $? if $ended == $command;
  last if $is_foreground && $ended == $command;
  # The children of whom it has killed are its own by now.
  $kill->() if $is_late;
}
exit($is_late ? 124 : $status & 127 ? 128 + ($status & 127) : $status >> 8);
