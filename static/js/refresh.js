// A page that shows progress looks again by itself; without scripts its link does the same.
setTimeout(() => location.reload(), 3000);
